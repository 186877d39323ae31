//! `listAttachments`, and the texts of those that were chosen for a preview or a video.
//!
//! Files are listed and read on the user's behalf; their bytes never come here, only their text.

use content::Document;
use protocol::{
    Attachment, AttachmentId, AttachmentKind, AttachmentProblem, Attachments, ErrorCode,
    ListAttachments, PageId,
};

use crate::{AppError, Host, confluence, invocation::Invocation};

pub(crate) async fn list_attachments<H: Host>(
    host: &H,
    from: &Invocation,
    request: ListAttachments,
) -> Result<Attachments, AppError> {
    let (attachments, more) =
        confluence::attachments(host, &request.page_id, from.is_blog_post).await?;
    Ok(Attachments {
        attachments,
        more,
        max_bytes: Attachment::MAX_BYTES,
        max_chosen: u32::try_from(Attachment::MAX_CHOSEN).unwrap_or(u32::MAX),
    })
}

/// The names and texts of the chosen files of a page, in the order in which they were chosen. Where
/// none was chosen, nothing is called.
pub(crate) async fn chosen<H: Host>(
    host: &H,
    from: &Invocation,
    page_id: &PageId,
    ids: &[AttachmentId],
) -> Result<Vec<(String, Document)>, AppError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    if ids.len() > Attachment::MAX_CHOSEN {
        let limit = format!(
            "At most {} attachments can be chosen.",
            Attachment::MAX_CHOSEN
        );
        return Err(AppError::Malformed(limit));
    }
    if (1..ids.len()).any(|index| ids[..index].contains(&ids[index])) {
        return Err(AppError::Malformed(
            "An attachment was chosen twice.".to_owned(),
        ));
    }
    let (there, _) = confluence::attachments(host, page_id, from.is_blog_post).await?;
    let mut chosen = Vec::with_capacity(ids.len());
    // One after the other: the function's memory holds one file's bytes at a time.
    for (index, id) in ids.iter().enumerate() {
        let refused = |code| AppError::Attachment {
            code,
            number: index + 1,
        };
        let file = there
            .iter()
            .find(|file| file.id == *id)
            .ok_or_else(|| refused(ErrorCode::AttachmentNotFound))?;
        let kind = match (file.problem, file.kind) {
            (Some(AttachmentProblem::TooLarge), _) => {
                return Err(refused(ErrorCode::AttachmentTooLarge));
            }
            (Some(AttachmentProblem::Unsupported), _) | (None, None) => {
                return Err(refused(ErrorCode::AttachmentUnsupported));
            }
            (None, Some(kind)) => kind,
        };
        let text = confluence::attachment_text(host, page_id, file)
            .await?
            .map_err(refused)?;
        let document = match kind {
            AttachmentKind::Txt => content::parse_plain(&text),
            AttachmentKind::Csv => content::parse_csv(&text),
            // PDF and Word files come as Markdown.
            AttachmentKind::Markdown | AttachmentKind::Pdf | AttachmentKind::Docx => {
                content::parse_markdown(&text)
            }
        };
        chosen.push((file.name.clone(), document?));
    }
    Ok(chosen)
}
