//! From texts to types: each value, and what values must be together.

use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use engine::golpo::options::Corner;
use engine::local::{SpeechProgram, TemplateError};
use fit::{Audiences, JwksUrl};
use redaction::Secret;
use tracing::level_filters::LevelFilter;
use zeroize::Zeroizing;

use super::pictures::{self, Pictures};
use super::settings::Role;
use super::values::{self, DatabaseUrl, HttpUrl, Refusal};
use super::{Collected, Problem, Source, list, switch};
use crate::aws::{Endpoint, Limits};
use crate::cli::EngineName;
use crate::objects::{ObjectsConfig, ObjectsConfigError, S3Options};
use crate::router::RequestLimits;
use crate::routes::security_txt::SecurityTxt;
use crate::telemetry::traces;
use crate::transport::tls::CertificateFiles;
use crate::transport::{ConnectionLimits, Protection};
use crate::vault::{KeyArn, KmsConfig, LocalMasterKeys};

/// Everything that was decided.
#[derive(Debug)]
pub struct Config {
    /// The least severe level that is logged.
    pub log: LevelFilter,
    /// The database.
    pub database_url: DatabaseUrl,
    /// Where finished videos are kept; none where the command needs none.
    pub objects: Option<ObjectsConfig>,
    /// What everything is encrypted under; none where the command needs none.
    pub master_key: Option<MasterKeySource>,
    /// The engine that makes videos.
    pub engine: EngineName,
    /// Golpo's part of the settings; none where no video is made there.
    pub golpo: Option<engine::golpo::Config>,
    /// Who narrates for the local engine.
    pub narrator: Narrator,
    /// How the local engine's films look; none where the command makes none.
    pub pictures: Option<Pictures>,
    /// Where traces go; none where they go nowhere.
    pub traces: Option<traces::Settings>,
    /// How many days a video is kept.
    pub retention_days: u32,
    /// How many days a job waits for an operator after its last try.
    pub parked_days: u32,
    /// What only the HTTP service needs.
    pub serve: Option<ServeConfig>,
}

/// What the HTTP service needs beside the rest.
#[derive(Debug)]
pub struct ServeConfig {
    /// The address to listen at.
    pub listen: SocketAddr,
    /// How what passes is protected.
    pub protection: Protection,
    /// The address that browsers reach this service at; none for the listen address.
    pub public_url: Option<HttpUrl>,
    /// Where Forge publishes its keys.
    pub jwks_url: JwksUrl,
    /// The apps whose tokens are accepted.
    pub audiences: Audiences,
    /// Whether a key is needed even where the engine needs none.
    pub require_api_key: bool,
    /// Whether videos are made in the same process.
    pub with_worker: bool,
    /// Requests of a tenant a second in the long run.
    pub requests_per_second: NonZeroU32,
    /// Requests of a tenant at once.
    pub request_burst: NonZeroU32,
    /// Limits of connections.
    pub connections: ConnectionLimits,
    /// Limits of requests.
    pub requests: RequestLimits,
    /// Where weaknesses are reported.
    pub security_txt: SecurityTxt,
}

/// Who narrates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Narrator {
    /// Whoever is found on the machine.
    Found,
    /// Nobody.
    Nobody,
    /// A program of the operator's.
    Program(SpeechProgram),
}

/// Where the master key comes from.
#[derive(Debug)]
pub enum MasterKeySource {
    /// A file, made when it is missing if that was asked for.
    File {
        /// Where it is.
        path: PathBuf,
        /// Whether it may be made.
        create: bool,
    },
    /// The key itself, in base64.
    Text(Secret<Zeroizing<String>>),
    /// Keys that never leave AWS KMS.
    Kms(KmsConfig),
}

/// Reads values and notes what is wrong with them.
pub(super) struct Reader<'a> {
    pub(super) collected: &'a Collected,
    problems: &'a mut Vec<Problem>,
}

impl Reader<'_> {
    pub(super) fn problem(
        &mut self,
        key: &str,
        problem: impl Into<String>,
        action: impl Into<String>,
    ) {
        self.problems.push(Problem::new(key, problem, action));
    }

    fn refused(&mut self, key: &str, (problem, action): Refusal) {
        self.problem(key, problem, action);
    }

    /// A value of a type that says itself why it refuses.
    fn value<T: FromStr<Err = Refusal>>(&mut self, key: &str) -> Option<T> {
        match self.collected.text(key)?.parse() {
            Ok(value) => Some(value),
            Err(refusal) => {
                self.refused(key, refusal);
                None
            }
        }
    }

    /// A value of any other type.
    fn parsed<T: FromStr>(&mut self, key: &str, refusal: Refusal) -> Option<T> {
        let parsed = self.collected.text(key)?.parse().ok();
        if parsed.is_none() {
            self.refused(key, refusal);
        }
        parsed
    }

    pub(super) fn switch(&mut self, key: &str) -> bool {
        let Some(text) = self.collected.text(key) else {
            return false;
        };
        switch(text).unwrap_or_else(|| {
            self.problem(
                key,
                "this is neither true nor false",
                "Write true or false.",
            );
            false
        })
    }

    fn number(&mut self, key: &str, from: u32, to: u32) -> u32 {
        let number = self.collected.text(key).and_then(|text| text.parse().ok());
        match number {
            Some(number) if (from..=to).contains(&number) => number,
            _ => {
                let problem = format!("this is no whole number from {from} to {to}");
                self.problem(key, problem, format!("Write a number from {from} to {to}."));
                from
            }
        }
    }

    fn seconds(&mut self, key: &str) -> Duration {
        Duration::from_secs(self.number(key, 1, 3600).into())
    }

    pub(super) fn path(&self, key: &str) -> Option<PathBuf> {
        let text = self.collected.text(key)?;
        (!text.is_empty()).then(|| PathBuf::from(text))
    }

    fn given(&self, key: &str) -> bool {
        matches!(self.collected.source(key), Some(source) if source != Source::Default)
    }
}

/// The settings as types. Whatever is wrong is among the problems; nothing where a type could not
/// be made at all.
pub(super) fn build(collected: &Collected, problems: &mut Vec<Problem>) -> Option<Config> {
    let role = collected.role;
    let mut reader = Reader {
        collected,
        problems,
    };
    let log = reader.parsed(
        "log",
        (
            "there is no such level",
            "Write off, error, warn, info, debug or trace.",
        ),
    );
    let database_url = reader.value::<DatabaseUrl>("database_url");
    if database_url.as_ref().is_some_and(DatabaseUrl::has_password)
        && collected.source("database_url") == Some(Source::Flag)
    {
        reader.problem(
            "database_url",
            "a password on the command line can be read by every program of this machine",
            "Give the address in the file or as GOLPO_DATABASE_URL.",
        );
    }
    // What a command does not need is not asked for, though it may be given to all by one file.
    let work = role >= Role::Work;
    let objects = if work { objects(&mut reader) } else { None };
    let master_key = if work { master_key(&mut reader) } else { None };
    let engine = reader.parsed(
        "engine",
        ("there is no such engine", "Write local, golpo or either."),
    );
    let golpo = match engine {
        Some(EngineName::Golpo | EngineName::Either) if work => golpo(&mut reader).map(Some),
        _ => Some(None),
    };
    let narrator = if work {
        narrator(&mut reader)
    } else {
        Some(Narrator::Nobody)
    };
    let pictures = if work {
        pictures::read(&mut reader)
    } else {
        None
    };
    let traces = if work { traces(&mut reader) } else { None };
    let (retention_days, parked_days) = if work {
        let retention_days = reader.number("retention_days", 1, 3650);
        (retention_days, reader.number("parked_days", 1, 3650))
    } else {
        (0, 0)
    };
    let serve = if role >= Role::Serve {
        serve(&mut reader)
    } else {
        None
    };
    Some(Config {
        log: log?,
        database_url: database_url?,
        objects: if work { Some(objects?) } else { None },
        master_key: if work { Some(master_key?) } else { None },
        engine: engine?,
        golpo: golpo?,
        narrator: narrator?,
        pictures: if work { Some(pictures?) } else { None },
        traces,
        retention_days,
        parked_days,
        serve: if role >= Role::Serve {
            Some(serve?)
        } else {
            None
        },
    })
}

fn objects(reader: &mut Reader<'_>) -> Option<ObjectsConfig> {
    let collected = reader.collected;
    let options = S3Options {
        region: collected.text("objects_region"),
        endpoint: collected.text("objects_endpoint"),
        encryption: collected.text("objects_encryption"),
    };
    let refusal = match ObjectsConfig::parse(collected.text("objects")?, options) {
        Ok(config) => return Some(config),
        Err(refusal) => refusal,
    };
    let (key, action) = match refusal {
        ObjectsConfigError::Region => ("objects_region", "Write the bucket's region."),
        ObjectsConfigError::NoEncryption | ObjectsConfigError::Encryption(_) => {
            ("objects_encryption", "Write sse-s3, or sse-kms:KEY.")
        }
        ObjectsConfigError::Endpoint(_) => ("objects_endpoint", "Write https://HOST."),
        ObjectsConfigError::NotABucket(_) => ("objects", "Remove them, or name a bucket."),
        ObjectsConfigError::Place(_)
        | ObjectsConfigError::Bucket(_)
        | ObjectsConfigError::Prefix(_) => ("objects", "Write a directory, or s3://BUCKET/PREFIX."),
    };
    reader.problem(key, refusal.to_string(), action);
    None
}

fn kms(reader: &mut Reader<'_>) -> Option<KmsConfig> {
    let collected = reader.collected;
    let arn = |reader: &mut Reader<'_>, key: &str, text: &str| match KeyArn::parse(text) {
        Ok(arn) => Some(arn),
        Err(error) => {
            let action = "Write the key's ARN: arn:aws:kms:REGION:ACCOUNT:key/ID.";
            reader.problem(key, error.to_string(), action);
            None
        }
    };
    let current = arn(reader, "kms_key_id", collected.text("kms_key_id")?);
    let former = list(collected.text("former_kms_key_ids").unwrap_or_default())
        .map(|text| arn(reader, "former_kms_key_ids", text))
        .collect::<Option<Vec<_>>>();
    let endpoint = match collected.text("kms_endpoint").map(Endpoint::parse) {
        None => None,
        Some(Ok(endpoint)) => Some(endpoint),
        Some(Err(error)) => {
            reader.problem("kms_endpoint", error.to_string(), "Write https://HOST.");
            return None;
        }
    };
    Some(KmsConfig {
        current: current?,
        former: former?,
        endpoint,
        limits: Limits::default(),
    })
}

fn golpo(reader: &mut Reader<'_>) -> Option<engine::golpo::Config> {
    let address = reader.value::<HttpUrl>("engine_url");
    let mut files = Vec::new();
    let hosts = reader.collected.text("engine_files_host");
    for text in list(hosts.unwrap_or_default()) {
        match text.parse() {
            Ok(host) => files.push(host),
            Err(error) => {
                let problem = format!("{text:?}: {error}");
                reader.problem(
                    "engine_files_host",
                    problem,
                    "Write HOST, or *.HOST of two parts or more.",
                );
            }
        }
    }
    let minutes = reader.number("engine_deadline_minutes", 1, 24 * 60);
    let corner = reader.parsed::<Corner>(
        "engine_logo_corner",
        ("there is no such corner", "Write tl, tr, bl or br."),
    );
    let logo = reader.path("engine_logo");
    if let Some(path) = &logo {
        let bytes = std::fs::metadata(path).map_or(0, |found| found.len());
        if bytes == 0 || bytes > 15 * 1024 * 1024 {
            let problem = format!("{} is no file of 1 byte to 15 MB", path.display());
            reader.problem(
                "engine_logo",
                problem,
                "Write the path of a PNG, JPEG or SVG.",
            );
        }
    }
    Some(engine::golpo::Config {
        address: address?.as_str().parse().ok()?,
        files,
        deadline: Duration::from_secs(u64::from(minutes) * 60),
        logo: logo.zip(corner),
        limits: engine::golpo::Limits::default(),
    })
}

fn traces(reader: &mut Reader<'_>) -> Option<traces::Settings> {
    let endpoint = reader.value::<HttpUrl>("otlp_endpoint");
    let percent = reader.number("otlp_percent", 1, 100);
    let authorization = reader.collected.text("otlp_authorization");
    let authorization = authorization
        .filter(|text| !text.is_empty())
        .map(str::to_owned);
    if let Some(text) = &authorization
        && (text.len() > 4096 || !text.bytes().all(|byte| (b' '..=b'~').contains(&byte)))
    {
        let action = "Write it as the collector's documentation says: Bearer TOKEN.";
        reader.problem(
            "otlp_authorization",
            "this is not the value of a header",
            action,
        );
        return None;
    }
    Some(traces::Settings {
        endpoint: endpoint?,
        authorization: authorization.map(Secret::new),
        percent,
    })
}

fn narrator(reader: &mut Reader<'_>) -> Option<Narrator> {
    let collected = reader.collected;
    let all = |key| collected.text(key).into_iter().flat_map(list);
    let voices: Vec<&str> = all("speech_voice").collect();
    let languages: Vec<&str> = all("speech_language").collect();
    match collected.text("speech_command").map(str::trim) {
        None | Some("") => {
            if !voices.is_empty() || !languages.is_empty() {
                let action =
                    "Give --speech-command as well, or remove speech_voice and speech_language.";
                reader.problem(
                    "speech_command",
                    "there is no program to name them to",
                    action,
                );
            }
            Some(Narrator::Found)
        }
        Some("none") => Some(Narrator::Nobody),
        Some(command) => {
            let path = std::env::var_os("PATH");
            match SpeechProgram::of_template(command, &voices, &languages, path.as_deref()) {
                Ok(program) => Some(Narrator::Program(program)),
                Err(error) => {
                    let key = match error {
                        TemplateError::Voice => "speech_voice",
                        TemplateError::Language => "speech_language",
                        _ => "speech_command",
                    };
                    reader.problem(key, error.to_string(), "See docs/local-engine.md.");
                    None
                }
            }
        }
    }
}

fn master_key(reader: &mut Reader<'_>) -> Option<MasterKeySource> {
    let create = reader.switch("create_master_key");
    let path = reader.path("master_key_file");
    let text = reader.collected.text("master_key");
    let text = text.map(|text| Zeroizing::new(text.to_owned()));
    let ways = ["master_key", "master_key_file", "kms_key_id"];
    let given: Vec<_> = ways.into_iter().filter(|key| reader.given(key)).collect();
    match given.as_slice() {
        [] => {
            reader.problem(
                "master_key_file",
                "a master key is needed",
                "Give --master-key-file FILE (with --create-master-key to make it), GOLPO_MASTER_KEY, or --kms-key-id.",
            );
            return None;
        }
        [_] => {}
        [_, second, ..] => {
            let problem = format!("there can be one of {}", given.join(" and "));
            reader.problem(second, problem, "Remove the other.");
            return None;
        }
    }
    if create && path.is_none() {
        let action = "Give --master-key-file, or remove it.";
        reader.problem("create_master_key", "there is no file to make", action);
    }
    if let Some(path) = path {
        if !create && !path.is_file() {
            let problem = format!("{} is no file", path.display());
            let action = "Check the path, or add --create-master-key where the store is new.";
            reader.problem("master_key_file", problem, action);
        }
        return Some(MasterKeySource::File { path, create });
    }
    let Some(text) = text else {
        return kms(reader).map(MasterKeySource::Kms);
    };
    if LocalMasterKeys::from_text(&text).is_err() {
        let action = "Make one by `openssl rand -base64 32`.";
        reader.problem("master_key", "this is not 32 bytes in base64", action);
    }
    Some(MasterKeySource::Text(Secret::new(text)))
}

fn serve(reader: &mut Reader<'_>) -> Option<ServeConfig> {
    let listen: Option<SocketAddr> = reader.parsed(
        "listen",
        (
            "this is not an address with a port",
            "Write 127.0.0.1:8772 or [::1]:8772.",
        ),
    );
    let protection = protection(reader);
    if let (Some(listen), Some(protection)) = (listen, &protection)
        && !protection.allows(listen)
    {
        reader.problem(
            "listen",
            format!("{listen} is not a loopback address, and what passes would not be encrypted (P6)"),
            "Give --tls-certificate and --tls-key, or --behind-proxy where a proxy in front speaks TLS, or listen at 127.0.0.1.",
        );
    }
    let public_url = reader.value::<HttpUrl>("public_url");
    let reached = listen.is_some_and(|listen| listen.ip().is_loopback())
        && protection == Some(Protection::Loopback);
    if !reached && reader.collected.text("public_url").is_none() {
        reader.problem(
            "public_url",
            "the address that browsers reach this service at cannot be guessed",
            "Write the https address that users' browsers play videos from.",
        );
    }
    let jwks_url = reader.parsed(
        "jwks_url",
        (
            "this is neither https nor http on a loopback address",
            "Leave it out to use Forge's own.",
        ),
    );
    let audiences: Vec<String> = reader
        .collected
        .text("audience")
        .map(|text| list(text).map(str::to_owned).collect())
        .unwrap_or_default();
    if let Some(bad) = audiences
        .iter()
        .find(|audience| !audience.starts_with("ari:cloud:ecosystem::app/"))
    {
        let problem = format!("{bad:?} is not the id of a Forge app");
        let action = "Write app.id of manifest.yml: ari:cloud:ecosystem::app/UUID.";
        reader.problem("audience", problem, action);
    }
    let audiences = Audiences::new(audiences);
    if audiences.is_none() {
        let action = "Give app.id of manifest.yml; once for each environment's app.";
        reader.problem("audience", "no app's tokens would be accepted", action);
    }
    let (per_second, burst) = (
        reader.number("requests_per_second", 1, 1_000_000),
        reader.number("request_burst", 1, 1_000_000),
    );
    let connections = ConnectionLimits {
        connections: reader.number("max_connections", 1, 1_000_000) as usize,
        header: reader.seconds("header_timeout_seconds"),
        idle: reader.seconds("idle_timeout_seconds"),
        grace: reader.seconds("shutdown_grace_seconds"),
        ..ConnectionLimits::default()
    };
    let requests = RequestLimits {
        body: reader.seconds("body_timeout_seconds"),
        answer: reader.seconds("request_timeout_seconds"),
    };
    if requests.answer >= connections.idle {
        reader.problem(
            "idle_timeout_seconds",
            "a connection is silent while its answer is made",
            "Make it longer than request_timeout_seconds.",
        );
    }
    // All of them are read before the first that is missing ends it.
    let (require_api_key, with_worker) = (
        reader.switch("require_api_key"),
        reader.switch("with_worker"),
    );
    let security_txt = security_txt(reader);
    Some(ServeConfig {
        listen: listen?,
        protection: protection?,
        public_url,
        jwks_url: jwks_url?,
        audiences: audiences?,
        require_api_key,
        with_worker,
        requests_per_second: NonZeroU32::new(per_second)?,
        request_burst: NonZeroU32::new(burst)?,
        connections,
        requests,
        security_txt,
    })
}

fn protection(reader: &mut Reader<'_>) -> Option<Protection> {
    let behind_proxy = reader.switch("behind_proxy");
    match (reader.path("tls_certificate"), reader.path("tls_key")) {
        (Some(certificate), Some(key)) => {
            let files = CertificateFiles { certificate, key };
            if let Err(error) = files.load() {
                let cause = std::error::Error::source(&error).map(ToString::to_string);
                let cause = cause.map_or_else(String::new, |cause| format!(": {cause}"));
                let action = "Check both files; the certificate comes first in its file.";
                reader.problem("tls_certificate", format!("{error}{cause}"), action);
            }
            Some(Protection::Tls(files))
        }
        (None, None) if behind_proxy => Some(Protection::Proxy),
        (None, None) => Some(Protection::Loopback),
        (given, _) => {
            let (missing, other) = if given.is_some() {
                ("tls_key", "tls_certificate")
            } else {
                ("tls_certificate", "tls_key")
            };
            let problem = format!("{other} is given and this is not");
            reader.problem(missing, problem, "Give both, or neither.");
            None
        }
    }
}

fn security_txt(reader: &mut Reader<'_>) -> SecurityTxt {
    let mut contacts = Vec::new();
    for text in list(
        reader
            .collected
            .text("security_contact")
            .unwrap_or_default(),
    ) {
        match values::contact(text) {
            Ok(contact) => contacts.push(contact),
            Err(refusal) => reader.refused("security_contact", refusal),
        }
    }
    let policy = reader.value::<HttpUrl>("security_policy");
    SecurityTxt {
        contacts,
        policy: policy.map_or_else(String::new, |url| url.as_str().to_owned()),
    }
}
