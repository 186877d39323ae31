//! The Confluence REST calls that the app makes, each with its scope checked before (P3), all on
//! the user's behalf: what the user may not see, the app does not see.

use std::collections::HashMap;

use content::Document;
use protocol::PageId;
use serde::Deserialize;

use crate::{Actor, AppError, ConfluenceRequest, Host, Response, Scope, scope};

/// A page or blog post as the user may read it.
pub(crate) struct Page {
    pub version: u32,
    pub title: String,
    pub document: Document,
}

/// The most ids that one call asks for (REST v2 allows 250).
const IDS_PER_CALL: usize = 250;

// Unknown members are skipped by serde without being stored: authors and owners stop here (P8, P9).
#[derive(Deserialize)]
struct RawPage {
    #[serde(default)]
    title: String,
    version: RawVersion,
    #[serde(default)]
    body: RawBody,
}

#[derive(Deserialize)]
struct RawVersion {
    number: u32,
}

#[derive(Default, Deserialize)]
struct RawBody {
    atlas_doc_format: Option<RawValue>,
    storage: Option<RawValue>,
}

#[derive(Deserialize)]
struct RawValue {
    value: String,
}

#[derive(Deserialize)]
struct RawList {
    results: Vec<RawListed>,
}

#[derive(Deserialize)]
struct RawListed {
    id: PageId,
    version: RawVersion,
}

/// Reads a page, in one call where Confluence has it as ADF. `is_blog_post` is a guess that saves
/// a call: the two kinds share their ids but not their addresses.
pub(crate) async fn read_page<H: Host>(
    host: &H,
    id: &PageId,
    is_blog_post: bool,
) -> Result<Page, AppError> {
    let kinds = if is_blog_post {
        ["blogposts", "pages"]
    } else {
        ["pages", "blogposts"]
    };
    let mut kind = kinds[0];
    let adf = match get_page(host, kind, id, "atlas_doc_format").await {
        Err(AppError::PageNotFound) => {
            kind = kinds[1];
            get_page(host, kind, id, "atlas_doc_format").await?
        }
        answer => answer?,
    };
    let adf_text = adf
        .body
        .atlas_doc_format
        .filter(|body| !body.value.is_empty());
    let document = match adf_text {
        Some(body) => content::parse_adf(&body.value)?,
        // Pages of the legacy editor may have no ADF yet.
        None => {
            let storage = get_page(host, kind, id, "storage").await?;
            content::parse_storage(
                &storage
                    .body
                    .storage
                    .map(|body| body.value)
                    .unwrap_or_default(),
            )?
        }
    };
    Ok(Page {
        version: adf.version.number,
        title: adf.title,
        document,
    })
}

async fn get_page<H: Host>(
    host: &H,
    kind: &str,
    id: &PageId,
    format: &str,
) -> Result<RawPage, AppError> {
    let path = format!("/wiki/api/v2/{kind}/{id}?body-format={format}");
    let response = get(host, Scope::ReadPage, path).await?;
    parse(&response)
}

/// The versions of those of the pages and blog posts that the user may see, in two calls at most
/// for 250 of them.
pub(crate) async fn visible_versions<H: Host>(
    host: &H,
    ids: &[PageId],
) -> Result<HashMap<PageId, u32>, AppError> {
    let mut versions = HashMap::new();
    for kind in ["pages", "blogposts"] {
        let missing: Vec<&str> = ids
            .iter()
            .filter(|id| !versions.contains_key(*id))
            .map(PageId::as_str)
            .collect();
        for some in missing.chunks(IDS_PER_CALL) {
            let path = format!(
                "/wiki/api/v2/{kind}?id={}&limit={IDS_PER_CALL}",
                some.join(",")
            );
            let list: RawList = parse(&get(host, Scope::ReadPage, path).await?)?;
            versions.extend(
                list.results
                    .into_iter()
                    .map(|page| (page.id, page.version.number)),
            );
        }
    }
    Ok(versions)
}

/// What the user may do on the site as a whole: pairs of operation and target type.
pub(crate) async fn user_operations<H: Host>(host: &H) -> Result<Vec<(String, String)>, AppError> {
    #[derive(Deserialize)]
    struct RawUser {
        #[serde(default)]
        operations: Vec<RawOperation>,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct RawOperation {
        operation: String,
        target_type: String,
    }
    let path = "/wiki/rest/api/user/current?expand=operations".to_owned();
    let user: RawUser = parse(&get(host, Scope::ReadContentDetails, path).await?)?;
    Ok(user
        .operations
        .into_iter()
        .map(|it| (it.operation, it.target_type))
        .collect())
}

async fn get<H: Host>(host: &H, needed: Scope, path: String) -> Result<Response, AppError> {
    scope::require(host, needed)?;
    let request = ConfluenceRequest {
        actor: Actor::User,
        method: "GET",
        path,
    };
    let response = host
        .confluence(request)
        .await
        .map_err(|_| AppError::Confluence(None))?;
    match response.status {
        200 => Ok(response),
        // What Atlassian's gateway answers when a token lacks the scope of a call.
        401 => Err(AppError::ScopeMissing(needed)),
        403 => Err(AppError::PageForbidden),
        404 => Err(AppError::PageNotFound),
        429 => Err(AppError::RateLimited),
        status => Err(AppError::Confluence(Some(status))),
    }
}

fn parse<T: for<'de> Deserialize<'de>>(response: &Response) -> Result<T, AppError> {
    serde_json::from_str(&response.body).map_err(|_| AppError::Confluence(Some(response.status)))
}
