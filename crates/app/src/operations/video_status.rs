//! `videoStatus`: one video with its media addresses, for those who may read its page.

use protocol::{VideoState, VideoStatus, VideoStatusAnswer};

use crate::{AppError, Host, backend, confluence};

pub(crate) async fn video_status<H: Host>(
    host: &H,
    request: VideoStatus,
) -> Result<VideoStatusAnswer, AppError> {
    let video = backend::video(host, &request.video_id).await?;
    let versions = confluence::visible_versions(host, std::slice::from_ref(&video.page_id)).await?;
    // The same answer as for a video that is not there, so that nothing is learnt from it.
    let version = *versions
        .get(&video.page_id)
        .ok_or(AppError::VideoNotFound)?;
    let media = match video.state {
        VideoState::Done => Some(backend::media(host, &video.id).await?),
        VideoState::Queued | VideoState::Running | VideoState::Failed => None,
    };
    Ok(VideoStatusAnswer {
        out_of_date: version > video.page_version,
        video,
        media,
    })
}
