//! `preview`: the text that would leave the site, and what was taken out of it (P9).

use protocol::{Preview, PreviewAnswer};

use crate::{AppError, Host, confluence, invocation::Invocation};

/// The most characters of a selection.
const MAX_SELECTION_CHARS: usize = 50_000;

pub(crate) async fn preview<H: Host>(
    host: &H,
    from: &Invocation,
    request: Preview,
) -> Result<PreviewAnswer, AppError> {
    let selection = request.selection.filter(|text| !text.trim().is_empty());
    if selection
        .as_ref()
        .is_some_and(|text| text.chars().count() > MAX_SELECTION_CHARS)
    {
        let limit = format!("A selection has at most {MAX_SELECTION_CHARS} characters.");
        return Err(AppError::Malformed(limit));
    }
    let page = confluence::read_page(host, &request.page_id, from.is_blog_post).await?;
    let document = match selection {
        Some(text) => content::select(&page.document, &text),
        None => page.document,
    };
    let clean = content::remove_identities(&page.title, &document);
    let (script, removals) = content::script(clean)?;
    Ok(PreviewAnswer {
        page_id: request.page_id,
        page_version: page.version,
        words: u32::try_from(script.words()).unwrap_or(u32::MAX),
        estimated_seconds: script.estimated_seconds(),
        script,
        removals,
        neutral_phrases: content::neutral_phrases(None)
            .into_iter()
            .map(str::to_owned)
            .collect(),
    })
}
