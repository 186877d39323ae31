//! `videoStatus`: one video with its media addresses, for those who may read its page.

use futures_util::future::join;
use protocol::{VideoState, VideoStatus, VideoStatusAnswer};

use crate::{
    AppError, Host, backend, confluence,
    freshness::{Fingerprints, Freshness},
};

pub(crate) async fn video_status<H: Host>(
    host: &H,
    request: VideoStatus,
) -> Result<VideoStatusAnswer, AppError> {
    let video = backend::video(host, &request.video_id).await?;
    let visible = confluence::visible(host, std::slice::from_ref(&video.page_id)).await?;
    // The same answer as for a video that is not there, so that nothing is learnt from it.
    let page = *visible.get(&video.page_id).ok_or(AppError::VideoNotFound)?;
    // While it is made it is asked for every second, and nobody is shown whether it is out of date.
    if video.state != VideoState::Done {
        return Ok(VideoStatusAnswer {
            out_of_date: false,
            video,
            media: None,
        });
    }
    let (fingerprints, media) = join(
        Fingerprints::of_page(host, &video.page_id, page, [(&video).into()]),
        backend::media(host, &video.id),
    )
    .await;
    let freshness = fingerprints.judge(&video.page_id, page, (&video).into());
    Ok(VideoStatusAnswer {
        out_of_date: freshness == Freshness::OutOfDate,
        media: Some(media?),
        video,
    })
}
