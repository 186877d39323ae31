//! `createVideo`: asks the backend for a video of the script as the user left it.
//!
//! The script comes back from the browser, so it is cleaned once more against the page itself:
//! that nothing but clean text leaves the site is decided here and not in the Custom UI (P9).

use protocol::{ApiKey, CreateVideo, ErrorCode, NewVideo, Video};

use crate::{
    AppError, Host, Scope, backend,
    consume::{self, PageVideosChanged},
    invocation::{Invocation, SpaceId},
    operations::{api_key, attachments, preview::page_and_space},
    scope,
};

pub(crate) async fn create_video<H: Host>(
    host: &H,
    from: &Invocation,
    request: CreateVideo,
) -> Result<Video, AppError> {
    if !from.is_licensed {
        return Err(AppError::LicenceInactive);
    }
    // Reading the page also proves that the user may read it.
    let (page, space) = page_and_space(host, from, &request.page_id).await?;
    let fingerprint = page.fingerprint();
    // A page that was saved anew and says the same is no reason to stop.
    if page.version > request.page_version && request.source_fingerprint != Some(fingerprint) {
        return Err(AppError::PageChanged);
    }
    // Names that only a chosen file tells are taken out as well.
    let ids = request.attachment_ids.as_slice();
    let files = attachments::chosen(host, from, &request.page_id, ids).await?;
    let told = content::Page {
        attachments: &files,
        ..page.content()
    };
    let (script, _) = content::clean_script(&request.script, &told)?;
    let wanted = NewVideo {
        page_id: request.page_id.clone(),
        // A personal space has no name here, and its id would stand for a person (P8).
        space_id: space.and(page.space_id.as_ref()).and_then(SpaceId::told),
        page_version: request.page_version,
        // As it was asked for, so that the same wish sent again is the same request.
        source_fingerprint: request.source_fingerprint.or(Some(fingerprint)),
        script,
        options: request.options,
    };
    let video = match backend::post_video(host, &wanted, &request.request_id).await {
        // The backend may have been set up anew while the site still has its key.
        Err(AppError::Refused(problem)) if problem.code == ErrorCode::ApiKeyMissing => {
            let Some(key) = stored_key(host).await? else {
                return Err(AppError::Refused(problem));
            };
            backend::put_api_key(host, &key).await?;
            backend::post_video(host, &wanted, &request.request_id).await?
        }
        answer => answer?,
    };
    // The byline's count follows by itself; a video is not refused because the queue is down.
    consume::enqueue(
        host,
        PageVideosChanged::first(request.page_id, video.id.clone()),
    )
    .await;
    Ok(video)
}

async fn stored_key<H: Host>(host: &H) -> Result<Option<ApiKey>, AppError> {
    scope::require(host, Scope::Storage)?;
    let text = host
        .secret_get(api_key::SECRET)
        .await
        .map_err(AppError::of_storage)?;
    Ok(text.and_then(|text| ApiKey::try_from(text).ok()))
}
