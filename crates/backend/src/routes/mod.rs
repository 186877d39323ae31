//! The routes, one file for each family. A route exists only with its description: both come
//! from the one registration here, and `/openapi.json` is made of them.

use std::sync::Arc;

use utoipa::OpenApi as _;
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;

pub mod api_key;
pub mod deletions;
pub mod errors;
pub mod health;
pub mod limits;
pub mod media;
pub mod security_txt;
pub mod site;
pub mod videos;

/// The security scheme's name; the routes' attributes repeat it, since they take literals only.
const FIT: &str = "fit";

#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "Golpo AI for Confluence: backend",
        description = "Called by the Confluence app through Forge remotes. The tenant comes from the verified Forge Invocation Token alone.",
        license(name = "Apache-2.0", identifier = "Apache-2.0")
    ),
    modifiers(&Security)
)]
struct Description;

struct Security;

impl utoipa::Modify for Security {
    fn modify(&self, api: &mut utoipa::openapi::OpenApi) {
        let mut bearer = Http::new(HttpAuthScheme::Bearer);
        bearer.bearer_format = Some("JWT".to_owned());
        bearer.description = Some("A Forge Invocation Token (RS256).".to_owned());
        api.components
            .get_or_insert_default()
            .add_security_scheme(FIT, SecurityScheme::Http(bearer));
    }
}

/// Every route there is.
pub fn all() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::with_openapi(Description::openapi())
        .routes(routes!(site::get, deletions::delete_site))
        .routes(routes!(site::usage))
        .routes(routes!(limits::report))
        .routes(routes!(limits::get, limits::put))
        .routes(routes!(api_key::get, api_key::put, api_key::delete))
        .routes(routes!(api_key::test))
        .routes(routes!(videos::create, videos::list))
        .routes(routes!(videos::get, videos::delete))
        .routes(routes!(videos::cancel))
        .routes(routes!(deletions::delete_page))
        .routes(routes!(deletions::uninstalled))
        .routes(routes!(deletions::get))
        .routes(routes!(deletions::keys))
        .routes(routes!(media::addresses))
        .routes(routes!(media::file))
        .routes(routes!(errors::report))
        .routes(routes!(health::live))
        .routes(routes!(health::ready))
        .routes(routes!(health::metrics))
        .routes(routes!(health::openapi))
        .routes(routes!(security_txt::get))
}
