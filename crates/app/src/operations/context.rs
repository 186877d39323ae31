//! `context`: where the Custom UI is and what it may offer.

use futures_util::future::join;
use protocol::{Context, View};

use crate::{AppError, Host, admin, backend, invocation::Invocation};

pub(crate) async fn context<H: Host>(host: &H, from: Invocation) -> Result<Context, AppError> {
    if from.page_id.is_none() && matches!(from.view, View::Create | View::Byline) {
        return Err(AppError::NoPage);
    }
    // Neither call needs the other's answer.
    let (is_admin, site) = join(admin::is_admin(host), backend::site(host)).await;
    Ok(Context {
        view: from.view,
        page_id: from.page_id,
        selection: from.selection,
        video_id: from.video_id,
        is_admin: is_admin?,
        site: site?,
    })
}
