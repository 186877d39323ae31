//! `saveApiKey`, `removeApiKey`, `settings`: for administrators alone (P4). The key goes into
//! Forge's secret storage and the backend's vault and comes back from neither (P10, P11).

use protocol::{SaveApiKey, Settings};

use crate::{AppError, Host, Scope, admin, backend, scope};

/// The key's name in Forge's secret storage.
pub(crate) const SECRET: &str = "golpo-api-key";

pub(crate) async fn settings<H: Host>(host: &H) -> Result<Settings, AppError> {
    admin::require(host).await?;
    Ok(Settings {
        site: backend::site(host).await?,
    })
}

pub(crate) async fn save<H: Host>(host: &H, request: SaveApiKey) -> Result<Settings, AppError> {
    admin::require(host).await?;
    scope::require(host, Scope::Storage)?;
    // The backend first: a key that it refuses must not stay behind here.
    backend::put_api_key(host, &request.api_key).await?;
    host.secret_set(SECRET, request.api_key.expose())
        .await
        .map_err(AppError::of_storage)?;
    Ok(Settings {
        site: backend::site(host).await?,
    })
}

pub(crate) async fn remove<H: Host>(host: &H) -> Result<Settings, AppError> {
    admin::require(host).await?;
    scope::require(host, Scope::Storage)?;
    // Forge's copy first: while it is there, a missing key would be restored from it.
    host.secret_delete(SECRET)
        .await
        .map_err(AppError::of_storage)?;
    backend::delete_api_key(host).await?;
    Ok(Settings {
        site: backend::site(host).await?,
    })
}
