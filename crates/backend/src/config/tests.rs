use std::collections::BTreeMap;
use std::path::PathBuf;

use base64::prelude::{BASE64_STANDARD, Engine as _};
use engine::local::{Brand, VideoCodec};
use protocol::Voice;
use serde_json::Value;

use super::settings::Role;
use super::*;
use crate::objects::{Encryption, ObjectsConfig};
use crate::router::RequestLimits;
use crate::routes::security_txt::SecurityTxt;
use crate::transport::{ConnectionLimits, Protection};

const APP: &str = "ari:cloud:ecosystem::app/5f0c7e6e-3f0d-4a55-9d0b-6f1c2a7e9b41";
const KEY: &str = "aGVyb24ga2V5IG9mIHRoaXJ0eS10d28gYnl0ZXMhISE=";

/// Settings of one test: a file, variables, flags.
#[derive(Default)]
struct Setup {
    directory: Option<tempfile::TempDir>,
    file: Option<PathBuf>,
    variables: BTreeMap<String, String>,
    flags: BTreeMap<&'static str, String>,
    role: Option<Role>,
}

impl Setup {
    /// What `serve` needs at least.
    fn least() -> Self {
        Self::default()
            .variable("GOLPO_MASTER_KEY", KEY)
            .flag("audience", APP)
    }

    fn file(mut self, text: &str) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("backend.toml");
        std::fs::write(&path, text).unwrap();
        self.file = Some(path);
        self.directory = Some(directory);
        self
    }

    fn variable(mut self, name: &str, value: &str) -> Self {
        self.variables.insert(name.to_owned(), value.to_owned());
        self
    }

    fn flag(mut self, key: &'static str, value: &str) -> Self {
        self.flags.insert(key, value.to_owned());
        self
    }

    fn given(&self) -> Given {
        Given {
            role: self.role.unwrap_or(Role::Serve),
            file: self.file.clone(),
            flags: self.flags.clone(),
        }
    }

    fn check(&self) -> (Value, bool) {
        check(self.given(), |name| self.variables.get(name).cloned())
    }

    fn build(&self) -> Result<Config, Vec<Problem>> {
        Collected::collect(self.given(), |name| self.variables.get(name).cloned()).build()
    }

    /// The keys that are wrong.
    fn wrong(&self) -> Vec<String> {
        let problems = self.build().err().unwrap_or_default();
        problems.into_iter().map(|problem| problem.key).collect()
    }
}

#[test]
fn a_flag_goes_before_the_environment_and_that_before_the_file_and_that_before_the_default() {
    let listen = |setup: &Setup| {
        let (shown, good) = setup.check();
        assert!(good, "{shown:#}");
        let listen = &shown["settings"]["listen"];
        let text = |name: &str| listen[name].as_str().unwrap().to_owned();
        (text("value"), text("source"))
    };
    let expected = |value: &str, source: &str| (value.to_owned(), source.to_owned());
    let setup = Setup::least();
    assert_eq!(listen(&setup), expected("127.0.0.1:8772", "default"));
    let setup = setup.file("listen = \"127.0.0.1:1\"");
    assert_eq!(listen(&setup), expected("127.0.0.1:1", "file"));
    let setup = setup.variable("GOLPO_LISTEN", "127.0.0.1:2");
    assert_eq!(listen(&setup), expected("127.0.0.1:2", "environment"));
    let setup = setup.flag("listen", "127.0.0.1:3");
    assert_eq!(listen(&setup), expected("127.0.0.1:3", "flag"));
    // An empty variable is none.
    let setup = Setup::least().variable("GOLPO_LISTEN", "");
    assert_eq!(listen(&setup), expected("127.0.0.1:8772", "default"));
}

#[test]
fn every_problem_is_told_at_once_with_its_setting_and_what_to_do() {
    let setup = Setup::default()
        .file(
            "listen = \"0.0.0.0:80\"\nlisten_to = \"x\"\nmax_connections = 0\nretention_days = 0\nparked_days = 0\nrequest_burst = \"many\"\n\
             objects = \"s3://golpo-videos\"\nbehind_proxy = \"perhaps\"\njwks_url = \"http://example.com/\"\n\
             audience = \"another\"\nsecurity_contact = [\"me\"]\nengine = \"steam\"\nlog = \"loud\"\n",
        )
        .variable("GOLPO_TLS_KEY", "/nowhere/key.pem")
        .flag("database_url", "mysql://localhost/golpo");
    let (shown, good) = setup.check();
    assert!(!good);
    let problems = shown["problems"].as_array().unwrap();
    let keys: Vec<_> = problems
        .iter()
        .map(|problem| {
            assert!(!problem["problem"].as_str().unwrap().is_empty());
            assert!(!problem["action"].as_str().unwrap().is_empty());
            problem["key"].as_str().unwrap()
        })
        .collect();
    for key in [
        "listen_to",
        "behind_proxy",
        "log",
        "database_url",
        "objects_region",
        "master_key_file",
        "engine",
        "retention_days",
        "parked_days",
        "max_connections",
        "tls_certificate",
        "public_url",
        "jwks_url",
        "audience",
        "request_burst",
        "security_contact",
    ] {
        assert!(keys.contains(&key), "{key} is not among {keys:?}");
    }
}

#[test]
fn p13_no_secret_is_shown_or_taken_from_a_flag() {
    let setup = Setup::least().variable(
        "GOLPO_DATABASE_URL",
        "postgres://golpo:heron@localhost/golpo",
    );
    let (shown, good) = setup.check();
    assert!(good, "{shown:#}");
    assert_eq!(shown["settings"]["master_key"]["value"], "set");
    let text = shown.to_string();
    assert!(!text.contains(KEY) && !text.contains("heron"), "{text}");
    let config = format!("{:?}", setup.build().unwrap());
    assert!(
        !config.contains(KEY) && !config.contains("heron"),
        "{config}"
    );
    // What does not parse is not shown either.
    for url in ["heron://x", "postgres://golpo:heron@elsewhere/golpo"] {
        let (shown, good) = Setup::least().variable("GOLPO_DATABASE_URL", url).check();
        assert!(!good && !shown.to_string().contains("heron"), "{shown}");
    }
    let (shown, _) = Setup::least().file("master_key = [\"heron\"").check();
    assert!(!shown.to_string().contains("heron"), "{shown}");

    let in_flag = Setup::least().flag("database_url", "postgres://golpo:heron@localhost/golpo");
    assert_eq!(in_flag.wrong(), ["database_url"]);
    let command = <crate::cli::Cli as clap::CommandFactory>::command();
    let serve = command.find_subcommand("serve").unwrap();
    assert!(
        serve
            .get_arguments()
            .all(|arg| arg.get_long() != Some("master-key"))
    );
}

#[test]
fn p06_plain_http_is_for_loopback_or_behind_a_proxy() {
    let listen = |address: &str| {
        Setup::least()
            .flag("listen", address)
            .flag("public_url", "https://videos.example.com")
    };
    for address in ["127.0.0.1:80", "127.8.9.10:80", "[::1]:80"] {
        assert!(listen(address).build().is_ok(), "{address}");
    }
    for address in [
        "0.0.0.0:80",
        "[::]:80",
        "10.0.0.1:80",
        "192.0.2.1:80",
        "[2001:db8::1]:80",
    ] {
        assert_eq!(listen(address).wrong(), ["listen"], "{address}");
        let proxied = listen(address)
            .flag("behind_proxy", "true")
            .build()
            .unwrap();
        assert_eq!(proxied.serve.unwrap().protection, Protection::Proxy);
    }
}

#[test]
fn p07_a_bucket_needs_server_side_encryption() {
    let bucket = || {
        let setup = Setup::least().flag("objects", "s3://golpo-videos/made");
        setup.flag("objects_region", "eu-central-1")
    };
    assert_eq!(bucket().wrong(), ["objects_encryption"]);
    for bad in ["none", "sse-kms:", "aes256"] {
        let setup = bucket().flag("objects_encryption", bad);
        assert_eq!(setup.wrong(), ["objects_encryption"], "{bad}");
    }
    let good = bucket().flag("objects_encryption", "sse-s3").build();
    let Some(ObjectsConfig::S3(good)) = good.unwrap().objects else {
        panic!("a bucket");
    };
    assert_eq!(
        (good.bucket.as_str(), good.prefix.as_str()),
        ("golpo-videos", "made")
    );
    assert_eq!(good.encryption, Encryption::S3);
    let clear = bucket().flag("objects_encryption", "sse-s3");
    let clear = clear.flag("objects_endpoint", "http://s3.example.com");
    assert_eq!(clear.wrong(), ["objects_endpoint"]);
    let directory = Setup::least().flag("objects_encryption", "sse-s3");
    assert_eq!(directory.wrong(), ["objects"]);
}

#[test]
fn p07_there_is_one_master_key() {
    let none = || Setup::default().flag("audience", APP);
    assert_eq!(none().wrong(), ["master_key_file"]);
    let twice = Setup::least().flag("master_key_file", "/nowhere/key");
    assert_eq!(twice.wrong(), ["master_key_file"]);
    let arn = "arn:aws:kms:eu-central-1:111122223333:key/0198c0de-1111-4222-a333-444444444444";
    assert_eq!(
        Setup::least().flag("kms_key_id", arn).wrong(),
        ["kms_key_id"]
    );
    assert_eq!(
        none().flag("kms_key_id", "alias/golpo").wrong(),
        ["kms_key_id"]
    );
    let kms = || none().flag("kms_key_id", arn);
    assert!(kms().build().is_ok());
    let former = kms().flag("former_kms_key_ids", "alias/golpo");
    assert_eq!(former.wrong(), ["former_kms_key_ids"]);
    let clear = kms().flag("kms_endpoint", "http://kms.example.com");
    assert_eq!(clear.wrong(), ["kms_endpoint"]);
    assert_eq!(
        none().flag("master_key_file", "/nowhere/key").wrong(),
        ["master_key_file"]
    );
    assert_eq!(
        none().variable("GOLPO_MASTER_KEY", "c2hvcnQ=").wrong(),
        ["master_key"]
    );
    let made = none()
        .flag("master_key_file", "/nowhere/key")
        .flag("create_master_key", "true");
    assert!(made.build().is_ok());
}

#[test]
fn commands_are_not_asked_for_what_they_do_not_need() {
    let mut database = Setup::default().file("listen = \"0.0.0.0:80\"");
    database.role = Some(Role::Database);
    assert!(database.build().is_ok(), "{:?}", database.wrong());
    let work = Setup {
        role: Some(Role::Work),
        ..Setup::default()
    };
    assert_eq!(work.wrong(), ["master_key_file"]);
    // A name that is no setting is a mistake for each of them.
    let mut unknown = Setup::default().file("listne = \"127.0.0.1:80\"");
    unknown.role = Some(Role::Database);
    assert_eq!(unknown.wrong(), ["listne"]);
}

#[test]
fn several_apps_may_call() {
    let two = format!("audience = [\"{APP}\", \"{APP}-staging\"]");
    let file = Setup::default()
        .variable("GOLPO_MASTER_KEY", KEY)
        .file(&two);
    let (shown, good) = file.check();
    assert!(good, "{shown:#}");
    let listed = shown["settings"]["audience"]["value"].as_array().unwrap();
    assert_eq!(listed.len(), 2);
    let flags = Setup::default()
        .variable("GOLPO_MASTER_KEY", KEY)
        .flag("audience", &format!("{APP},{APP}-staging"));
    let built = |setup: &Setup| setup.build().unwrap().serve.unwrap().audiences;
    assert_eq!(built(&file), built(&flags));
}

#[test]
fn a_file_may_hold_numbers_switches_and_lists() {
    let setup = Setup::least().file(
        "header_timeout_seconds = 30\nmax_connections = \"12\"\nwith_worker = false\n\
         security_contact = [\"mailto:a@example.com\", \"https://example.com/report\"]\n",
    );
    let config = setup.build().unwrap();
    let serve = config.serve.unwrap();
    assert_eq!(serve.connections.header.as_secs(), 30);
    assert_eq!(serve.connections.connections, 12);
    assert!(!serve.with_worker);
    assert_eq!(serve.security_txt.contacts.len(), 2);
    for text in [
        "max_connections = [1]",
        "with_worker = 1",
        "security_contact = [1]",
        "listen = {}",
    ] {
        let key = text.split(' ').next().unwrap();
        assert_eq!(Setup::least().file(text).wrong(), [key], "{text}");
    }
    let mut missing = Setup::least();
    missing.file = Some(PathBuf::from("/nowhere/backend.toml"));
    assert_eq!(missing.wrong(), ["config"]);
}

#[test]
fn who_narrates_is_a_program_nobody_or_whoever_is_found() {
    let narrator = |text: &str| Setup::least().file(text).build().unwrap().narrator;
    assert_eq!(narrator(""), Narrator::Found);
    assert_eq!(narrator("speech_command = \"none\""), Narrator::Nobody);
    let whole = "speech_command = \"sh say.sh {voice} {text-file} {output}\"\n";
    let Narrator::Program(program) = narrator(&format!("{whole}speech_voice = [\"male1=joe\"]"))
    else {
        panic!("a program");
    };
    assert!(program.program.is_absolute() && program.program.ends_with("sh"));
    assert_eq!(program.voices, [(Voice::Male1, "joe".to_owned())]);
    for (text, key) in [
        (whole.to_owned(), "speech_voice"),
        (format!("{whole}speech_voice = [\"joe\"]"), "speech_voice"),
        (
            format!("{whole}speech_voice = [\"male1=joe\"]\nspeech_language = [\"EN=e\"]"),
            "speech_language",
        ),
        (
            "speech_command = \"sh {output}\"".to_owned(),
            "speech_command",
        ),
        (
            "speech_voice = [\"male1=joe\"]".to_owned(),
            "speech_command",
        ),
    ] {
        assert_eq!(Setup::least().file(&text).wrong(), [key], "{text}");
    }
}

#[test]
fn what_pictures_look_like_is_checked_before_a_video_needs_it() {
    let pictures = |text: &str| Setup::least().file(text).build().unwrap().pictures;
    let plain = pictures("").unwrap();
    assert_eq!(plain.brand, Brand::default());
    assert_eq!((plain.pen, plain.codec), (true, VideoCodec::H264));
    let folder = tempfile::tempdir().unwrap();
    let logo = folder.path().join("logo.png");
    // One transparent pixel (PNG, 5.2).
    let png = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==";
    std::fs::write(&logo, BASE64_STANDARD.decode(png).unwrap()).unwrap();
    let ours = pictures(&format!(
        "brand_colour = \"#0c66e4\"\nbrand_second_colour = \"#1f845a\"\nbrand_logo = {logo:?}\n\
         font_folder = [{:?}]\npen = false\nvideo_codec = \"av1\"",
        folder.path()
    ))
    .unwrap();
    let config = ours.onto(engine::local::Config::silent());
    assert_eq!(config.brand.first.unwrap().rgb, (0x0c, 0x66, 0xe4));
    assert_eq!(config.brand.second.unwrap().rgb, (0x1f, 0x84, 0x5a));
    assert!(config.brand.logo.is_some() && !config.pen && config.speech.is_none());
    assert_eq!(config.font_folders, [folder.path()]);
    assert_eq!(config.codec, VideoCodec::Av1);
    std::fs::write(&logo, "GIF89a").unwrap();
    for (text, key) in [
        ("brand_colour = \"blue\"".to_owned(), "brand_colour"),
        (
            "brand_second_colour = \"#12\"".to_owned(),
            "brand_second_colour",
        ),
        (format!("brand_logo = {logo:?}"), "brand_logo"),
        (
            "brand_logo = \"/nowhere/logo.png\"".to_owned(),
            "brand_logo",
        ),
        ("font_folder = [\"/nowhere\"]".to_owned(), "font_folder"),
        ("video_codec = \"vp9\"".to_owned(), "video_codec"),
    ] {
        assert_eq!(Setup::least().file(&text).wrong(), [key], "{text}");
    }
}

#[test]
fn golpo_is_spoken_to_as_the_settings_say_and_only_where_it_makes_videos() {
    assert!(Setup::least().build().unwrap().golpo.is_none());
    for engine in ["golpo", "either"] {
        let golpo = Setup::least().flag("engine", engine).build().unwrap().golpo;
        let golpo = golpo.unwrap();
        assert_eq!(golpo.address.as_str(), "https://api.golpoai.com/");
        assert_eq!((golpo.files.len(), golpo.deadline.as_secs()), (3, 7_200));
        assert!(golpo.logo.is_none());
    }
    let golpo = |key: &'static str, value: &str| {
        let setup = Setup::least().flag("engine", "golpo");
        setup.flag(key, value).wrong()
    };
    for (key, value) in [
        ("engine_url", "http://api.golpoai.com"),
        ("engine_files_host", "*.com"),
        ("engine_files_host", "https://files.example.com"),
        ("engine_deadline_minutes", "0"),
        ("engine_logo", "/nowhere/logo.png"),
        ("engine_logo_corner", "middle"),
    ] {
        assert_eq!(golpo(key, value), [key], "{value}");
        // Whoever makes no videos there need not have it right.
        assert!(Setup::least().flag(key, value).build().is_ok(), "{key}");
    }
    assert_eq!(Setup::least().flag("engine", "gulpo").wrong(), ["engine"]);
}

#[test]
fn defaults_are_right() {
    let config = Setup::least().build().unwrap();
    let serve = config.serve.unwrap();
    assert_eq!(serve.connections, ConnectionLimits::default());
    assert_eq!(serve.requests, RequestLimits::default());
    assert_eq!(serve.security_txt, SecurityTxt::default());
    assert!(serve.with_worker && serve.public_url.is_none());
    for setting in SETTINGS {
        assert!(setting.help.len() > 10, "{}", setting.key);
    }
}

/// As with docs/errors.md: the table is for people, and kept equal to the list.
#[test]
fn the_documented_settings_are_the_settings() {
    let text = include_str!("../../../../docs/configuration.md");
    for setting in SETTINGS {
        let flag = match setting.kind {
            Kind::Secret => "none".to_owned(),
            _ => format!("`--{}`", setting.flag()),
        };
        let role = match setting.role {
            Role::Database => "all",
            Role::Work => "serve, worker",
            Role::Serve => "serve",
        };
        let default = setting
            .default
            .map_or_else(String::new, |text| format!("`{text}`"));
        let row = format!(
            "| `{}` | {flag} | `{}` | {role} | {default} | {} |",
            setting.key,
            setting.variable(),
            setting.help
        );
        assert!(text.contains(&row), "docs/configuration.md lacks\n{row}");
    }
    assert_eq!(text.matches("| `GOLPO_").count(), SETTINGS.len());
}
