//! Where one test keeps everything: a database of either kind, files on the disk or in S3, a key.

use std::path::PathBuf;

use backend::objects::{Encryption, Objects, ObjectsConfig, S3Config};
use backend::store::{self, Store};
use serde_json::{Value, json};
use sqlx::Row as _;

use crate::moto::{LIMITS, Moto, REGION, credentials};
use crate::postgres::Database;
use crate::proxy::Proxy;

pub const BUCKET: &str = "golpo-videos";

pub struct Place {
    pub directory: tempfile::TempDir,
    pub database: Option<Database>,
    /// S3, and what stands between it and the service.
    pub s3: Option<(Moto, Proxy)>,
}

impl Place {
    pub async fn on_disk() -> Self {
        Self {
            directory: tempfile::tempdir().unwrap(),
            database: None,
            s3: None,
        }
    }

    pub async fn on_postgres() -> Self {
        Self {
            database: Some(Database::start().await),
            ..Self::on_disk().await
        }
    }

    pub async fn on_postgres_and_s3() -> Self {
        let moto = Moto::start();
        moto.make_bucket(BUCKET).await;
        let proxy = Proxy::before(&moto.address).await;
        Self {
            s3: Some((moto, proxy)),
            ..Self::on_postgres().await
        }
    }

    pub fn at(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    pub fn database_url(&self) -> String {
        match &self.database {
            Some(database) => database.service_url(),
            None => format!("sqlite://{}", self.at("golpo.db").display()),
        }
    }

    /// What the settings say of objects, as variables of the environment.
    pub fn objects_settings(&self) -> Vec<(&'static str, String)> {
        match &self.s3 {
            None => vec![("GOLPO_OBJECTS", self.at("objects").display().to_string())],
            Some((_, proxy)) => vec![
                ("GOLPO_OBJECTS", format!("s3://{BUCKET}")),
                ("GOLPO_OBJECTS_REGION", REGION.to_owned()),
                ("GOLPO_OBJECTS_ENCRYPTION", "sse-s3".to_owned()),
                ("GOLPO_OBJECTS_ENDPOINT", proxy.address.clone()),
                ("AWS_ACCESS_KEY_ID", "AKIAEXAMPLEEXAMPLE12".to_owned()),
                ("AWS_SECRET_ACCESS_KEY", "heron-secret-for-tests".to_owned()),
            ],
        }
    }

    /// What a worker is told.
    pub fn worker_settings(&self) -> Value {
        json!({
            "database": self.database_url(),
            "objects": self.at("objects"),
            "endpoint": self.s3.as_ref().map(|(_, proxy)| proxy.address.clone()),
            "masterKey": self.at("master.key"),
        })
    }

    pub async fn store(&self) -> std::sync::Arc<dyn Store> {
        store::open(&self.database_url()).await.unwrap()
    }

    pub async fn objects(&self) -> Objects {
        let endpoint = self.s3.as_ref().map(|(_, proxy)| proxy.address.as_str());
        objects(&self.at("objects"), endpoint).await
    }

    /// The first column of each row, as text.
    pub async fn rows(&self, sql: &'static str) -> Vec<String> {
        if let Some(database) = &self.database {
            return database.admin(sql).lines().map(str::to_owned).collect();
        }
        let url = self.database_url();
        let pool = sqlx::SqlitePool::connect(&url).await.unwrap();
        let rows = sqlx::query(sql).fetch_all(&pool).await.unwrap();
        pool.close().await;
        rows.iter().map(|row| row.get(0)).collect()
    }
}

/// The store of files.
pub async fn objects(directory: &std::path::Path, endpoint: Option<&str>) -> Objects {
    let Some(endpoint) = endpoint else {
        return Objects::local(directory).unwrap();
    };
    let config = ObjectsConfig::S3(S3Config {
        bucket: BUCKET.to_owned(),
        prefix: String::new(),
        region: REGION.to_owned(),
        endpoint: Some(backend::aws::Endpoint::parse(endpoint).unwrap()),
        encryption: Encryption::S3,
        limits: backend::aws::Limits {
            read: std::time::Duration::from_millis(500),
            call: std::time::Duration::from_secs(2),
            part: std::time::Duration::from_secs(2),
            ..LIMITS
        },
    });
    Objects::open(&config, |_| Ok(credentials())).await.unwrap()
}
