//! The byline's title: how many videos a page has and how many are out of date. Runs at each view
//! of a page, so it reads one value, asks Confluence for the version only when there are videos,
//! and reads the page only when it was saved after one of them.

use serde::Serialize;

use crate::{
    AppError, Host, LogLevel, LogLine, confluence,
    consume::PageVideos,
    freshness::{Fingerprints, Freshness},
    invocation::Invocation,
};

/// Forge's dynamic properties of a byline item.
#[derive(Debug, Serialize)]
struct Properties {
    title: String,
    tooltip: &'static str,
}

/// The dynamic properties as JSON text. A byline never fails: without an answer it offers the video.
pub async fn byline<H: Host>(host: &H, context: &str) -> String {
    let title = match title(host, context).await {
        Ok(title) => title,
        Err(error) => {
            let line = format!("byline code={} {error}", error.code());
            host.log(LogLevel::Warn, LogLine::new(&line));
            NONE.to_owned()
        }
    };
    let properties = Properties {
        title,
        tooltip: "Explainer videos of this page",
    };
    serde_json::to_string(&properties).unwrap_or_default()
}

const NONE: &str = "Explainer video";

async fn title<H: Host>(host: &H, context: &str) -> Result<String, AppError> {
    let from = Invocation::parse_byline(context)?;
    let Some(page_id) = from.page_id else {
        return Ok(NONE.to_owned());
    };
    let videos = PageVideos::read(host, &page_id).await?.unwrap_or_default();
    if videos.versions.is_empty() {
        return Ok(NONE.to_owned());
    }
    let visible = confluence::visible(host, std::slice::from_ref(&page_id)).await?;
    let page = *visible.get(&page_id).ok_or(AppError::PageNotFound)?;
    let fingerprints = Fingerprints::of_page(host, &page_id, page, videos.sources()).await;
    let outdated = videos
        .sources()
        .filter(|source| fingerprints.judge(&page_id, page, *source) == Freshness::OutOfDate)
        .count();
    let count = match videos.versions.len() {
        1 => "1 video".to_owned(),
        count => format!("{count} videos"),
    };
    Ok(if outdated == 0 {
        count
    } else {
        format!("{count} · {outdated} out of date")
    })
}
