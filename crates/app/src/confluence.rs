//! The Confluence REST calls that the app makes, each with its scope checked before (P3), all on
//! the user's behalf: what the user may not see, the app does not see.

use std::collections::HashMap;

use content::Document;
use protocol::{Attachment, AttachmentId, ErrorCode, Fingerprint, PageId};

use crate::{
    AppError, ConfluenceRequest, Host, Response, Scope,
    invocation::SpaceId,
    json::{self, FromJson, object},
    scope,
};

/// A page or blog post as the user may read it.
pub(crate) struct Page {
    pub version: u32,
    pub title: String,
    pub space_id: Option<SpaceId>,
    pub labels: Vec<String>,
    pub document: Document,
}

impl Page {
    /// What of the page is told, but for its space.
    pub(crate) fn content(&self) -> content::Page<'_> {
        content::Page {
            labels: &self.labels,
            ..content::Page::new(&self.title, &self.document)
        }
    }

    /// What the page says. Of chosen files nothing: which they were is not known later.
    pub(crate) fn fingerprint(&self) -> Fingerprint {
        content::fingerprint(&self.content())
    }
}

/// A page or blog post that the user may see.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Visible {
    pub version: u32,
    pub is_blog_post: bool,
}

/// The most ids that one call asks for (REST v2 allows 250).
const IDS_PER_CALL: usize = 250;
/// How many attachments one call asks for (REST v2 allows 250).
const ATTACHMENTS_PER_CALL: usize = 250;
/// The most calls for one list of attachments: an invocation has 25 seconds.
const MAX_ATTACHMENT_CALLS: usize = 4;

// Other members are not taken: authors and owners stop here (P8, P9).
struct RawPage {
    title: String,
    version: RawVersion,
    space_id: Option<SpaceId>,
    labels: RawLabels,
    body: RawBody,
}

#[derive(Default)]
struct RawLabels {
    results: Vec<RawLabel>,
}

struct RawLabel {
    name: String,
    prefix: Option<String>,
}

struct RawVersion {
    number: u32,
}

#[derive(Default)]
struct RawBody {
    atlas_doc_format: Option<RawValue>,
    storage: Option<RawValue>,
}

struct RawValue {
    value: String,
}

struct RawList {
    results: Vec<RawListed>,
}

struct RawListed {
    id: PageId,
    version: RawVersion,
}

struct RawSpace {
    key: String,
    name: String,
    kind: Option<String>,
}

struct RawAttachments {
    results: Vec<RawAttachment>,
    links: RawLinks,
}

struct RawAttachment {
    id: AttachmentId,
    title: String,
    media_type: String,
    file_size: u64,
}

#[derive(Default)]
struct RawLinks {
    next: Option<String>,
}

struct RawText {
    text: Option<String>,
    error: Option<ErrorCode>,
}

struct RawUser {
    operations: Vec<RawOperation>,
}

struct RawOperation {
    operation: String,
    target_type: String,
}

object! {
    RawPage open {
        title: "title" or default,
        version: "version",
        space_id: "spaceId",
        labels: "labels" or default,
        body: "body" or default,
    }
    RawLabels open {
        results: "results" or default,
    }
    RawLabel open {
        name: "name",
        prefix: "prefix",
    }
    RawVersion open {
        number: "number",
    }
    RawBody open {
        atlas_doc_format: "atlas_doc_format",
        storage: "storage",
    }
    RawValue open {
        value: "value",
    }
    RawList open {
        results: "results",
    }
    RawListed open {
        id: "id",
        version: "version",
    }
    RawSpace open {
        key: "key" or default,
        name: "name",
        kind: "type",
    }
    RawAttachments open {
        results: "results",
        links: "_links" or default,
    }
    RawAttachment open {
        id: "id",
        title: "title",
        media_type: "mediaType" or default,
        file_size: "fileSize",
    }
    RawLinks open {
        next: "next",
    }
    RawText closed {
        text: "text",
        error: "error",
    }
    RawUser open {
        operations: "operations" or default,
    }
    RawOperation open {
        operation: "operation",
        target_type: "targetType",
    }
}

/// Reads a page, in one call where Confluence has it as ADF. `is_blog_post` is a guess that saves
/// a call: the two kinds share their ids but not their addresses.
pub(crate) async fn read_page<H: Host>(
    host: &H,
    id: &PageId,
    is_blog_post: bool,
) -> Result<Page, AppError> {
    let kinds = if is_blog_post {
        ["blogposts", "pages"]
    } else {
        ["pages", "blogposts"]
    };
    let mut kind = kinds[0];
    let adf = match get_page(host, kind, id, "atlas_doc_format").await {
        Err(AppError::PageNotFound) => {
            kind = kinds[1];
            get_page(host, kind, id, "atlas_doc_format").await?
        }
        answer => answer?,
    };
    let adf_text = adf
        .body
        .atlas_doc_format
        .filter(|body| !body.value.is_empty());
    let document = match adf_text {
        Some(body) => content::parse_adf(&body.value)?,
        // Pages of the legacy editor may have no ADF yet.
        None => {
            let storage = get_page(host, kind, id, "storage").await?;
            content::parse_storage(
                &storage
                    .body
                    .storage
                    .map(|body| body.value)
                    .unwrap_or_default(),
            )?
        }
    };
    // Labels that only their maker or a team sees are not the page's.
    let labels = adf
        .labels
        .results
        .into_iter()
        .filter(|label| label.prefix.as_deref().unwrap_or("global") == "global")
        .map(|label| label.name)
        .collect();
    Ok(Page {
        version: adf.version.number,
        title: adf.title,
        space_id: adf.space_id,
        labels,
        document,
    })
}

/// The name of a space; none of a personal one, whose name is its owner's (P9).
pub(crate) async fn space_name<H: Host>(
    host: &H,
    id: &SpaceId,
) -> Result<Option<String>, AppError> {
    let path = format!("/wiki/api/v2/spaces/{id}");
    let space: RawSpace = parse(&get(host, Scope::ReadSpace, path).await?)?;
    let is_personal = space.kind.as_deref() == Some("personal") || space.key.starts_with('~');
    Ok((!is_personal && !space.name.is_empty()).then_some(space.name))
}

async fn get_page<H: Host>(
    host: &H,
    kind: &str,
    id: &PageId,
    format: &str,
) -> Result<RawPage, AppError> {
    let path = format!("/wiki/api/v2/{kind}/{id}?body-format={format}&include-labels=true");
    let response = get(host, Scope::ReadPage, path).await?;
    parse(&response)
}

/// Those of the pages and blog posts that the user may see, with their versions, in two calls at
/// most for 250 of them.
pub(crate) async fn visible<H: Host>(
    host: &H,
    ids: &[PageId],
) -> Result<HashMap<PageId, Visible>, AppError> {
    let mut found = HashMap::new();
    for (kind, is_blog_post) in [("pages", false), ("blogposts", true)] {
        let missing: Vec<&str> = ids
            .iter()
            .filter(|id| !found.contains_key(*id))
            .map(PageId::as_str)
            .collect();
        for some in missing.chunks(IDS_PER_CALL) {
            let path = format!(
                "/wiki/api/v2/{kind}?id={}&limit={IDS_PER_CALL}",
                some.join(",")
            );
            let list: RawList = parse(&get(host, Scope::ReadPage, path).await?)?;
            found.extend(list.results.into_iter().map(|page| {
                let version = page.version.number;
                let visible = Visible {
                    version,
                    is_blog_post,
                };
                (page.id, visible)
            }));
        }
    }
    Ok(found)
}

/// The files attached to a page or blog post, and whether there are more than were listed.
pub(crate) async fn attachments<H: Host>(
    host: &H,
    id: &PageId,
    is_blog_post: bool,
) -> Result<(Vec<Attachment>, bool), AppError> {
    let kinds = if is_blog_post {
        ["blogposts", "pages"]
    } else {
        ["pages", "blogposts"]
    };
    let mut found = Vec::new();
    let mut address = attachments_of(kinds[0], id);
    let mut next = match attachments_at(host, &address, &mut found).await {
        Err(AppError::PageNotFound) => {
            address = attachments_of(kinds[1], id);
            attachments_at(host, &address, &mut found).await?
        }
        answer => answer?,
    };
    for _ in 1..MAX_ATTACHMENT_CALLS {
        let Some(path) = next else {
            return Ok((found, false));
        };
        // The address comes back from outside: another page of the same list, or nothing.
        let is_ours =
            path.starts_with(&address) && path.bytes().all(|byte| byte.is_ascii_graphic());
        if !is_ours {
            return Err(AppError::Confluence(Some(200)));
        }
        next = attachments_at(host, &path, &mut found).await?;
    }
    Ok((found, next.is_some()))
}

fn attachments_of(kind: &str, id: &PageId) -> String {
    format!("/wiki/api/v2/{kind}/{id}/attachments?")
}

/// Adds the files of one page of the list; gives the address of the next.
async fn attachments_at<H: Host>(
    host: &H,
    path: &str,
    found: &mut Vec<Attachment>,
) -> Result<Option<String>, AppError> {
    let path = if path.ends_with('?') {
        format!("{path}limit={ATTACHMENTS_PER_CALL}")
    } else {
        path.to_owned()
    };
    let list: RawAttachments = parse(&get(host, Scope::ReadAttachment, path).await?)?;
    found.extend(
        list.results
            .into_iter()
            .map(|it| Attachment::new(it.id, it.title, it.media_type, it.file_size)),
    );
    Ok(list.links.next)
}

/// The text of a page's attachment, or why it has none to give.
pub(crate) async fn attachment_text<H: Host>(
    host: &H,
    page_id: &PageId,
    file: &Attachment,
) -> Result<Result<String, ErrorCode>, AppError> {
    scope::require(host, Scope::ReadAttachment)?;
    let path = format!(
        "/wiki/rest/api/content/{page_id}/child/attachment/{}/download",
        file.id
    );
    let response = host
        .attachment_text(&path, &file.name, &file.media_type)
        .await
        .map_err(|_| AppError::Confluence(None))?;
    match check(response, Scope::ReadAttachment) {
        Ok(response) => match parse(&response)? {
            RawText {
                text: Some(text),
                error: None,
            } => Ok(Ok(text)),
            RawText {
                text: None,
                error: Some(code),
            } => Ok(Err(code)),
            _ => Err(AppError::Confluence(Some(response.status))),
        },
        // Of the file: the page itself was listed a moment ago.
        Err(AppError::PageForbidden | AppError::PageNotFound) => {
            Ok(Err(ErrorCode::AttachmentNotFound))
        }
        Err(error) => Err(error),
    }
}

/// What the user may do on the site as a whole: pairs of operation and target type.
pub(crate) async fn user_operations<H: Host>(host: &H) -> Result<Vec<(String, String)>, AppError> {
    let path = "/wiki/rest/api/user/current?expand=operations".to_owned();
    let user: RawUser = parse(&get(host, Scope::ReadContentDetails, path).await?)?;
    Ok(user
        .operations
        .into_iter()
        .map(|it| (it.operation, it.target_type))
        .collect())
}

async fn get<H: Host>(host: &H, needed: Scope, path: String) -> Result<Response, AppError> {
    scope::require(host, needed)?;
    let request = ConfluenceRequest {
        method: "GET",
        path,
    };
    let response = host
        .confluence(request)
        .await
        .map_err(|_| AppError::Confluence(None))?;
    check(response, needed)
}

/// The answer, if it is one.
fn check(response: Response, needed: Scope) -> Result<Response, AppError> {
    match response.status {
        200 => Ok(response),
        // What Atlassian's gateway answers when a token lacks the scope of a call.
        401 => Err(AppError::ScopeMissing(needed)),
        403 => Err(AppError::PageForbidden),
        404 => Err(AppError::PageNotFound),
        429 => Err(AppError::RateLimited),
        status => Err(AppError::Confluence(Some(status))),
    }
}

fn parse<T: FromJson>(response: &Response) -> Result<T, AppError> {
    json::read(&response.body).map_err(|_| AppError::Confluence(Some(response.status)))
}
