//! `listVideos`: the videos of a page or of the site, of pages that the user may read.

use protocol::{ListVideos, PageId, Video, VideoId, VideoState, Videos};

use crate::{
    AppError, Host, backend, confluence,
    freshness::{Fingerprints, Freshness},
};

pub(crate) async fn list_videos<H: Host>(
    host: &H,
    request: ListVideos,
) -> Result<Videos, AppError> {
    if request
        .cursor
        .as_deref()
        .is_some_and(|cursor| !is_cursor(cursor))
    {
        return Err(AppError::Malformed(
            "The cursor is not one of ours.".to_owned(),
        ));
    }
    let page = backend::videos(host, request.page_id.as_ref(), request.cursor.as_deref()).await?;
    let mut ids: Vec<PageId> = Vec::new();
    for video in &page.videos {
        if let Err(place) = ids.binary_search(&video.page_id) {
            ids.insert(place, video.page_id.clone());
        }
    }
    let pages = confluence::visible(host, &ids).await?;
    let videos: Vec<Video> = page
        .videos
        .into_iter()
        .filter(|video| pages.contains_key(&video.page_id))
        .collect();
    let fingerprints = Fingerprints::of_videos(host, &videos, &pages).await;
    let of_freshness = |wanted: Freshness| -> Vec<VideoId> {
        videos
            .iter()
            .filter(|video| video.state == VideoState::Done)
            .filter(|video| {
                pages.get(&video.page_id).is_some_and(|page| {
                    fingerprints.judge(&video.page_id, *page, (*video).into()) == wanted
                })
            })
            .map(|video| video.id.clone())
            .collect()
    };
    Ok(Videos {
        out_of_date: of_freshness(Freshness::OutOfDate),
        may_be_out_of_date: of_freshness(Freshness::Unknown),
        videos,
        next_cursor: page.next_cursor,
    })
}

/// Cursors go into an address, so their alphabet is checked: base64url (RFC 4648), 200 at most.
fn is_cursor(text: &str) -> bool {
    (1..=200).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}
