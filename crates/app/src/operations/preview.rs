//! `preview`: the text that would leave the site, and what was taken out of it (P9).

use content::Telling;
use futures_util::future::join;
use protocol::{Edits, Merged, PageId, Preview, PreviewAnswer, Script, SectionTime};

use crate::{
    AppError, Host, LogLevel, LogLine,
    confluence::{self, Page},
    invocation::{Invocation, SpaceId},
    operations::attachments,
    shorten::{Shortened, shorten},
    warnings::page_warning,
};

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
    let read = async {
        match selection {
            // Of a selection, nothing is told that was not selected.
            Some(_) => {
                let page = confluence::read_page(host, &request.page_id, from.is_blog_post).await?;
                Ok((page, None))
            }
            None => page_and_space(host, from, &request.page_id).await,
        }
    };
    let chosen = attachments::chosen(host, from, &request.page_id, &request.attachment_ids);
    let (read, files) = join(read, chosen).await;
    // Of a page that cannot be read, nothing is said of its files.
    let ((page, space), files) = (read?, files?);
    let selected = selection.map(|text| content::select(&page.document, &text));
    let told = match &selected {
        Some(document) => content::Page {
            attachments: &files,
            ..content::Page::new(&page.title, document)
        },
        None => content::Page {
            space: space.as_deref(),
            attachments: &files,
            ..page.content()
        },
    };
    let telling = Telling {
        keep_code: request.keep_code,
    };
    let clean = content::tell(&told, telling);
    let language = clean.language();
    let warnings = clean.warnings().iter().map(page_warning).collect();
    let (whole, removals) = content::script(clean)?;
    let Shortened {
        script,
        removals,
        left_out,
    } = shorten(whole, removals, request.length);
    let outline = content::outline(&script);
    Ok(PreviewAnswer {
        page_id: request.page_id,
        page_version: page.version,
        fingerprint: page.fingerprint(),
        merged: request.edits.map(|edits| merged(&edits, &script)),
        removals,
        neutral_phrases: content::neutral_phrases(language)
            .into_iter()
            .map(str::to_owned)
            .collect(),
        sections: outline
            .iter()
            .map(|it| SectionTime {
                words: it.words,
                seconds: it.seconds,
            })
            .collect(),
        words: u32::try_from(script.words()).unwrap_or(u32::MAX),
        estimated_seconds: script.estimated_seconds(),
        script,
        left_out,
        warnings,
        language: language.map(str::to_owned),
    })
}

/// The new script with what the person wrote into an earlier one. It is cleaned when it is sent.
fn merged(edits: &Edits, script: &Script) -> Merged {
    let merge = content::merge(&edits.base, &edits.edited, script);
    Merged {
        script: merge.script,
        conflicts: merge.conflicts,
        title_conflicts: merge.title_conflicts,
    }
}

/// A page and its space's name. Forge says the space of the page that the person is on, so that
/// its name need not wait for the page.
pub(super) async fn page_and_space<H: Host>(
    host: &H,
    from: &Invocation,
    id: &PageId,
) -> Result<(Page, Option<String>), AppError> {
    let read = confluence::read_page(host, id, from.is_blog_post);
    let here = from.page_id.as_ref() == Some(id);
    if let Some(guess) = from.space_id.as_ref().filter(|_| here) {
        let (page, space) = join(read, space_name(host, guess)).await;
        let page = page?;
        if page.space_id.as_ref() == Some(guess) {
            return Ok((page, space));
        }
        return with_space(host, page).await;
    }
    with_space(host, read.await?).await
}

async fn with_space<H: Host>(host: &H, page: Page) -> Result<(Page, Option<String>), AppError> {
    let space = match &page.space_id {
        Some(id) => space_name(host, id).await,
        None => None,
    };
    Ok((page, space))
}

/// The name of a space. A page can be told without it, so that a failure is only logged.
async fn space_name<H: Host>(host: &H, id: &SpaceId) -> Option<String> {
    match confluence::space_name(host, id).await {
        Ok(name) => name,
        Err(error) => {
            let line = format!("preview without its space code={} {error}", error.code());
            host.log(LogLevel::Warn, LogLine::new(&line));
            None
        }
    }
}
