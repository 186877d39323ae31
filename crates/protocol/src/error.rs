//! One list of everything that can go wrong, with a stable code, a sentence and what to do.
//! The resolver answers with [`Failure`], the backend with [`Problem`] (RFC 9457); both take
//! their words from [`ErrorCode`], so that a person reads the same sentence wherever it arose.

use serde::{Deserialize, Serialize};

macro_rules! error_codes {
    ($($(#[$doc:meta])* $name:ident, $code:literal, $status:literal, $message:literal, $action:literal;)*) => {
        /// A stable name for each refusal; see docs/errors.md for the table.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        pub enum ErrorCode {
            $($(#[$doc])* #[serde(rename = $code)] $name,)*
        }

        impl ErrorCode {
            /// Every code, in the order of the table.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The code as it stands in answers.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }

            /// The HTTP status that the backend answers with.
            pub fn status(self) -> u16 {
                match self { $(Self::$name => $status,)* }
            }

            /// What happened, in one sentence.
            pub fn message(self) -> &'static str {
                match self { $(Self::$name => $message,)* }
            }

            /// What the person who reads it can do.
            pub fn action(self) -> &'static str {
                match self { $(Self::$name => $action,)* }
            }
        }
    };
}

error_codes! {
    /// The Custom UI asked for an operation that does not exist.
    UnknownOperation, "unknown_operation", 404, "The app does not know this operation.", "Reload the page; if it happens again, the app was updated and your browser still holds the old version.";
    /// A payload that does not parse; the detail names the field.
    InvalidRequest, "invalid_request", 400, "The request is not of the expected form.", "Check the values you entered and try again.";
    /// More than a documented limit.
    TooLarge, "too_large", 413, "The text is too long for one video.", "Shorten the script or make a video of a selection of the page.";
    /// The installation lacks a scope that the call needs.
    ScopeMissing, "scope_missing", 403, "The app has not been granted a permission that it needs.", "Ask a site administrator to open Connected apps in Atlassian Administration, choose this app and approve its update.";
    /// Nobody is signed in, or with an account that has no access to Confluence.
    SignInRequired, "sign_in_required", 401, "Only signed-in users of Confluence can use this app.", "Sign in with an account that has access to Confluence, then try again.";
    /// The app's licence for the site has ended.
    LicenceInactive, "licence_inactive", 402, "The app's licence for this site is not active.", "Ask a site administrator to renew it under Connected apps; videos made so far can still be watched.";
    /// The Custom UI in the browser and the app are of versions that do not understand each other.
    VersionMismatch, "version_mismatch", 409, "The app was updated since this window was opened.", "Copy what you have written, then reload the page.";
    /// A view that is about a page was opened where there is none.
    NoPage, "no_page", 400, "Confluence did not say which page this is.", "Publish the page if it is a draft, then open it and start the app from there.";
    /// Only site administrators may do this (P4).
    AdminRequired, "admin_required", 403, "Only Confluence administrators can do this.", "Ask a Confluence administrator of your site.";
    /// The engine needs an API key and the site has none.
    ApiKeyMissing, "api_key_missing", 409, "This site has no Golpo API key yet.", "Ask a Confluence administrator to enter the key in the app's settings.";
    /// Text that cannot be an API key, or that Golpo refused.
    ApiKeyInvalid, "api_key_invalid", 422, "The API key is not valid.", "Copy the key again from your Golpo account and paste all of it.";
    /// No such page, or one that the user may not see (Confluence does not tell which).
    PageNotFound, "page_not_found", 404, "The page was not found, or you have no access to it.", "Check that the page still exists and that you can open it.";
    /// Confluence said that the user may not read the page.
    PageForbidden, "page_forbidden", 403, "You may not read this page.", "Ask the page's owner for access.";
    /// Nothing on the page can be told.
    PageEmpty, "page_empty", 422, "There is no text on this page to make a video of.", "Add some text to the page, then try again.";
    /// The page says something else than the preview that a video was asked for with.
    PageChanged, "page_changed", 409, "The page has changed since its text was read.", "Load the new text; what you have written is kept.";
    /// A page body that does not parse.
    PageUnreadable, "page_unreadable", 422, "The page's content could not be read.", "Open the page in the editor, publish it once more and try again.";
    /// No such attachment of this page, or one that the user may not see.
    AttachmentNotFound, "attachment_not_found", 404, "An attachment was not found on this page.", "Open the list of attachments again and choose from what is there now.";
    /// More bytes than a file may have, or more text than is taken out of one.
    AttachmentTooLarge, "attachment_too_large", 413, "An attachment is too large.", "Choose a smaller file, or split it.";
    /// A kind of file whose text is not read.
    AttachmentUnsupported, "attachment_unsupported", 415, "The text of an attachment of this type cannot be read.", "Choose a txt, md, csv, pdf or docx file.";
    /// A file that asks for a password.
    AttachmentEncrypted, "attachment_encrypted", 422, "An attachment is protected by a password.", "Attach the file without its password, or leave it out.";
    /// A file that is not what its name says, or is broken.
    AttachmentUnreadable, "attachment_unreadable", 422, "An attachment could not be read.", "Check that the file opens in its own program, save it anew and attach it again, or leave it out.";
    /// A file without any text, such as a scan.
    AttachmentWithoutText, "attachment_without_text", 422, "There is no text in an attachment; it may be a scan.", "Run text recognition on the file, or leave it out.";
    /// Confluence did not answer, or answered with a server error.
    ConfluenceUnavailable, "confluence_unavailable", 502, "Confluence did not answer.", "Wait a moment and try again.";
    /// Forge's storage did not answer, or answered with a server error.
    StorageUnavailable, "storage_unavailable", 503, "The app's storage in Confluence did not answer.", "Wait a minute and try again; nothing was lost.";
    /// The backend could not be reached or answered with a server error.
    BackendUnavailable, "backend_unavailable", 503, "The video service is not reachable right now.", "Wait a minute and try again; nothing was lost.";
    /// The Forge Invocation Token is past its expiry.
    TokenExpired, "token_expired", 401, "The request took too long to reach the video service.", "Try again; if it happens repeatedly, the clock of the video service may be wrong.";
    /// The Forge Invocation Token is missing or does not verify.
    TokenInvalid, "token_invalid", 401, "The request could not be authenticated.", "Reload the page and try again.";
    /// No such video for this tenant.
    VideoNotFound, "video_not_found", 404, "The video does not exist (any more).", "Open the video library to see the videos there are.";
    /// No such deletion of this tenant.
    DeletionNotFound, "deletion_not_found", 404, "There is no such deletion.", "Use the id that was answered when the deletion was asked for.";
    /// The video's files were asked for before they exist.
    VideoNotReady, "video_not_ready", 409, "The video is not finished yet.", "Wait until it is done.";
    /// A signed media address that does not verify.
    MediaLinkInvalid, "media_link_invalid", 403, "This media address is not valid.", "Open the video again from Confluence.";
    /// A signed media address past its expiry.
    MediaLinkExpired, "media_link_expired", 403, "This media address has expired.", "Open the video again from Confluence.";
    /// The same idempotency key with another request (draft-ietf-httpapi-idempotency-key-header).
    IdempotencyConflict, "idempotency_conflict", 409, "The same request key was used for another request.", "Start the video again.";
    /// The engine failed to make the video.
    EngineFailed, "engine_failed", 500, "The video could not be made.", "Try again; if it fails again, shorten the script.";
    /// Golpo refused the site's API key: nothing is sent until there is another.
    ApiKeyRefused, "api_key_refused", 409, "Golpo does not accept this site's API key.", "Ask a Confluence administrator to enter a new key in the app's settings; waiting videos then go on by themselves.";
    /// The plan or the credits of the site's Golpo account do not allow the video.
    EnginePlan, "engine_plan", 402, "The site's Golpo account has no credits left, or its plan does not allow this video.", "Ask a Confluence administrator to look at the Golpo account; waiting videos then go on by themselves.";
    /// Golpo makes as many videos of this site as it makes at once.
    EngineBusy, "engine_busy", 429, "Golpo is busy with other videos of this site.", "There is nothing to do: the video is begun when another one is done.";
    /// Golpo does not answer; the video waits.
    EngineUnavailable, "engine_unavailable", 503, "Golpo does not answer at the moment.", "There is nothing to do: the video goes on when Golpo answers again.";
    /// Golpo took longer than a video may take.
    EngineTimedOut, "engine_timed_out", 504, "Golpo took too long to make the video.", "Look in your Golpo account whether it was made after all, then make it again.";
    /// Whether Golpo has begun the video cannot be found out, so that it is not sent twice.
    EngineUnclear, "engine_unclear", 409, "The connection to Golpo broke while the video was ordered, and it is not known whether it was begun.", "Look in your Golpo account before you make it again, so that it is not paid twice.";
    /// Somebody ended the making of the video.
    VideoCancelled, "video_cancelled", 409, "The making of the video was cancelled.", "Make it again whenever you like.";
    /// A video that is done or failed, of which nothing can be cancelled any more.
    VideoEnded, "video_ended", 409, "The video is done or has failed already.", "Open it in the video library.";
    /// The admin's allowance of videos a month is used up.
    AllowanceUsed, "allowance_used", 403, "This site has used its videos for this month.", "Ask a Confluence administrator to raise the monthly allowance, or wait for the next month.";
    /// An operator suspended the site (P19).
    SiteSuspended, "site_suspended", 403, "The video service is suspended for this site.", "Ask a Confluence administrator to contact the app's support.";
    /// The site's data are being deleted (P22).
    SiteDeleting, "site_deleting", 409, "The data of this site are being deleted.", "Wait until the deletion is done, then try again.";
    /// An operator paused what was asked for, to contain an incident (P19).
    ServicePaused, "service_paused", 503, "The video service has paused this while a security matter is looked into.", "Try again later; videos made so far can still be watched.";
    /// An operator refuses this app's tokens, to contain an incident (P19).
    AppBlocked, "app_blocked", 403, "The video service does not accept requests of this app at the moment.", "Ask a Confluence administrator to contact the app's support.";
    /// Too many requests.
    RateLimited, "rate_limited", 429, "Too many requests in a short time.", "Wait a minute and try again.";
    /// An address that is none of the API's.
    NotFound, "not_found", 404, "There is nothing at this address.", "Check the address against the API description at /openapi.json.";
    /// Anything that should not happen; the log has the cause.
    Internal, "internal", 500, "Something went wrong on our side.", "Try again; if it happens again, tell us the time it happened.";
}

impl std::fmt::Display for ErrorCode {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// An error as the Custom UI gets it. Never holds page text, names, ids of people or secrets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Failure {
    /// The stable code.
    pub code: ErrorCode,
    /// What happened, in a sentence or two.
    pub message: String,
    /// What to do about it.
    pub action: String,
}

impl Failure {
    /// The failure with the code's own words.
    pub fn new(code: ErrorCode) -> Self {
        Self {
            code,
            message: code.message().to_owned(),
            action: code.action().to_owned(),
        }
    }

    /// The failure with a detail that names a field, a scope or a limit; never content.
    pub fn with_detail(code: ErrorCode, detail: &str) -> Self {
        Self {
            code,
            message: format!("{} {detail}", code.message()),
            action: code.action().to_owned(),
        }
    }
}

impl From<ErrorCode> for Failure {
    fn from(code: ErrorCode) -> Self {
        Self::new(code)
    }
}

/// An error as the backend answers it: `application/problem+json` (RFC 9457) with our `code` and
/// `action` as extension members.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Problem {
    /// `urn:golpo:error:CODE`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The code's sentence.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What is particular to this occurrence; never content or secrets.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// The stable code.
    pub code: ErrorCode,
    /// What to do about it.
    pub action: String,
}

impl Problem {
    /// The problem details of a code, with an optional detail.
    pub fn new(code: ErrorCode, detail: Option<String>) -> Self {
        Self {
            kind: format!("urn:golpo:error:{code}"),
            title: code.message().to_owned(),
            status: code.status(),
            detail,
            code,
            action: code.action().to_owned(),
        }
    }
}

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Self {
        match problem.detail {
            Some(detail) => Self::with_detail(problem.code, &detail),
            None => Self::new(problem.code),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_says_what_happened_and_what_to_do() {
        for code in ErrorCode::ALL {
            assert!(code.message().ends_with('.'), "{code}");
            assert!(code.action().ends_with('.'), "{code}");
            assert!((400..600).contains(&code.status()), "{code}");
            let text = serde_json::to_string(code).unwrap();
            assert_eq!(text, format!("\"{code}\""));
        }
    }

    #[test]
    fn the_table_in_docs_is_the_code() {
        let rows: Vec<String> = include_str!("../../../docs/errors.md")
            .lines()
            .filter(|line| line.starts_with("| `"))
            .map(str::to_owned)
            .collect();
        let codes = ErrorCode::ALL.iter().map(|code| {
            format!(
                "| `{code}` | {} | {} | {} |",
                code.status(),
                code.message(),
                code.action()
            )
        });
        assert_eq!(rows, codes.collect::<Vec<_>>());
    }

    #[test]
    fn problem_details_have_the_members_of_rfc_9457() {
        insta::assert_json_snapshot!(Problem::new(ErrorCode::TooLarge, Some("At most 200 sections.".to_owned())), @r#"
        {
          "type": "urn:golpo:error:too_large",
          "title": "The text is too long for one video.",
          "status": 413,
          "detail": "At most 200 sections.",
          "code": "too_large",
          "action": "Shorten the script or make a video of a selection of the page."
        }
        "#);
    }
}
