//! The list of all settings: one table, from which the flags, the environment's variables, the
//! file's keys and the help are made. A setting that is not here does not exist.

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::{Arg, ArgAction, ArgMatches, Command};

use super::Given;

/// What a setting's value is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// One value.
    Text,
    /// Yes or no.
    Switch,
    /// Several values: an array in the file, a repeated flag, commas in the environment.
    List,
    /// A value that no flag takes, since a process's arguments can be read by others.
    Secret,
}

/// Who needs a setting; who needs more comes later.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// Commands that need the database alone.
    Database,
    /// Commands that open everything a job needs.
    Work,
    /// The HTTP service.
    Serve,
}

/// One setting.
#[derive(Debug)]
pub struct Setting {
    /// Its name in the file: `listen`. The flag is `--listen`, the variable `GOLPO_LISTEN`.
    pub key: &'static str,
    /// What its value is made of.
    pub kind: Kind,
    /// Who needs it.
    pub role: Role,
    /// The value where none is given.
    pub default: Option<&'static str>,
    /// What the help calls the value.
    pub value: &'static str,
    /// What it is for.
    pub help: &'static str,
}

impl Setting {
    /// The variable of the environment.
    pub fn variable(&self) -> String {
        format!("GOLPO_{}", self.key.to_uppercase())
    }

    /// The flag, without its dashes.
    pub fn flag(&self) -> String {
        self.key.replace('_', "-")
    }
}

macro_rules! settings {
    ($($role:ident $kind:ident $key:literal $value:literal $default:expr, $help:literal;)*) => {
        /// Every setting, as the help lists them.
        pub const SETTINGS: &[Setting] = &[$(Setting {
            key: $key,
            kind: Kind::$kind,
            role: Role::$role,
            default: $default,
            value: $value,
            help: $help,
        },)*];
    };
}

settings! {
    Database Text "log" "LEVEL" Some("info"), "The least severe level that is logged: off, error, warn, info, debug, trace";
    Database Text "database_url" "URL" Some("sqlite://golpo.db"), "The database: sqlite://FILE or postgres://USER@HOST/NAME. One with a password comes from the file or the environment";
    Work Text "objects" "PLACE" Some("golpo-objects"), "Where finished videos are kept: a directory, or s3://BUCKET/PREFIX. Credentials of AWS come from its own AWS_... variables or the machine's role";
    Work Text "objects_encryption" "WAY" None, "Server-side encryption of the bucket's objects, needed with s3: sse-s3, or sse-kms:KEY with the ARN of a KMS key";
    Work Text "objects_region" "REGION" None, "The bucket's region, needed with s3";
    Work Text "objects_endpoint" "URL" None, "Another service with the interface of S3: https, or http on a loopback address";
    Work Secret "master_key" "BASE64" None, "The master key itself, 32 bytes in base64";
    Work Text "master_key_file" "FILE" None, "A file with the master key: base64 of 32 bytes";
    Work Text "kms_key_id" "ARN" None, "The AWS KMS key that wraps the tenants' keys, in place of a master key";
    Work List "former_kms_key_ids" "ARN" None, "KMS keys that wrapped tenants' keys before, until `key rotate` is done; may be repeated";
    Work Text "kms_endpoint" "URL" None, "Another service with the interface of KMS: https, or http on a loopback address";
    Work Switch "create_master_key" "" Some("false"), "Make the master key file, readable by its owner alone, if it is missing";
    Work Text "engine" "NAME" Some("local"), "The engine that makes videos: local, golpo (every site needs an API key), or either (golpo for sites with a key, local for the others)";
    Work Text "engine_url" "URL" Some("https://api.golpoai.com"), "The address of Golpo's API, as it was given with the keys: https, or http on a loopback address";
    Work List "engine_files_host" "HOST" Some("*.golpoai.com,*.amazonaws.com,storage.googleapis.com"), "A host that Golpo's presigned addresses may lead to, or *.HOST for all below one; no others are connected to; may be repeated";
    Work Text "engine_deadline_minutes" "MINUTES" Some("120"), "How long Golpo may take for one video";
    Work Text "engine_logo" "FILE" None, "A PNG, JPEG or SVG of at most 15 MB that Golpo puts on every video";
    Work Text "engine_logo_corner" "CORNER" Some("tl"), "Where the logo stands: tl, tr, bl or br";
    Work Text "speech_command" "COMMAND" None, "The program that narrates, with its arguments and the places {voice}, {language}, {text-file}, {output} and {words} (docs/local-engine.md), or none for silent videos; when left out, espeak-ng where it is installed";
    Work List "speech_voice" "NAME=VOICE" None, "What the program of speech_command calls the voice female1, female2, male1 or male2; may be repeated";
    Work List "speech_language" "TAG=LANGUAGE" None, "What the program of speech_command calls a language (BCP 47); may be repeated";
    Work Text "video_codec" "NAME" Some("h264"), "How the local engine codes pictures: h264, which every browser plays, or av1, which is free of patent fees and takes some thirty times the work (docs/local-engine.md)";
    Work Text "brand_colour" "#RRGGBB" None, "The colour of headings in the local engine's films";
    Work Text "brand_second_colour" "#RRGGBB" None, "The first colour of points and figures there";
    Work Text "brand_logo" "FILE" None, "A PNG for a corner of every board, of at most 2000 pixels a side and 1 MiB";
    Work List "font_folder" "DIRECTORY" None, "A folder with further fonts (TTF, OTF, TTC) for Chinese, Japanese, Korean and emoji, beside the machine's own; may be repeated";
    Work Switch "pen" "" Some("true"), "Whether a pen is seen where the local engine writes";
    Work Text "otlp_endpoint" "URL" None, "A collector that traces are sent to by OTLP over HTTP, without /v1/traces: https, or http on a loopback address; no traces when left out";
    Work Secret "otlp_authorization" "HEADER" None, "The Authorization header that the collector wants";
    Work Text "otlp_percent" "NUMBER" Some("100"), "How many of a hundred requests and attempts are traced";
    Work Text "retention_days" "DAYS" Some("90"), "How long a video is kept, where the site's administrator chose nothing else";
    Work Text "parked_days" "DAYS" Some("7"), "How long a job waits for an operator after its last try, and its script with it";
    Serve Text "listen" "ADDRESS" Some("127.0.0.1:8772"), "The address to listen at; port 0 takes any free one. Without TLS and without a proxy in front, a loopback address";
    Serve Text "tls_certificate" "FILE" None, "The certificate chain in PEM; read again when it changes and on SIGHUP";
    Serve Text "tls_key" "FILE" None, "The certificate's private key in PEM";
    Serve Switch "behind_proxy" "" Some("false"), "A proxy in front speaks TLS, and nobody else reaches the address";
    Serve Text "public_url" "URL" None, "The address that browsers reach this service at; the listen address when left out";
    Serve Text "jwks_url" "URL" Some("https://forge.cdn.prod.atlassian-dev.net/.well-known/jwks.json"), "Where Forge publishes its keys: https, or http on a loopback address";
    Serve List "audience" "ARI" None, "The id of an app whose tokens are accepted (ari:cloud:ecosystem::app/...); may be repeated";
    Serve Switch "require_api_key" "" Some("false"), "Make videos only for sites with an API key, even where the engine needs none";
    Serve Switch "with_worker" "" Some("true"), "Make videos in the same process; false leaves that to `golpo-backend worker`";
    Serve Text "requests_per_second" "NUMBER" Some("100"), "Requests of one tenant in the long run";
    Serve Text "request_burst" "NUMBER" Some("500"), "Requests of one tenant at once";
    Serve Text "max_connections" "NUMBER" Some("4096"), "Connections at a time; more are closed at once";
    Serve Text "header_timeout_seconds" "SECONDS" Some("10"), "How long a request's headers may take";
    Serve Text "body_timeout_seconds" "SECONDS" Some("15"), "How long a request's body may take";
    Serve Text "request_timeout_seconds" "SECONDS" Some("30"), "How long an answer may take to begin";
    Serve Text "idle_timeout_seconds" "SECONDS" Some("75"), "How long a connection may be silent";
    Serve Text "shutdown_grace_seconds" "SECONDS" Some("15"), "How long open requests may go on after SIGTERM";
    Serve List "security_contact" "ADDRESS" Some("mailto:security@golpoai.com"), "Where weaknesses are reported (security.txt): mailto: or https:; may be repeated";
    Serve Text "security_policy" "URL" Some("https://golpoai.com/security"), "How reports are handled (security.txt)";
}

/// The setting of this name.
pub fn find(key: &str) -> Option<&'static Setting> {
    SETTINGS.iter().find(|setting| setting.key == key)
}

/// [`Role::Database`] as the parameter of [`Flags`].
pub const DATABASE: u8 = 0;
/// [`Role::Work`] as the parameter of [`Flags`].
pub const WORK: u8 = 1;
/// [`Role::Serve`] as the parameter of [`Flags`].
pub const SERVE: u8 = 2;

/// The settings that were given as flags, for commands of a role; and `--config`.
#[derive(Debug, Clone, Default)]
pub struct Flags<const ROLE: u8> {
    file: Option<PathBuf>,
    values: BTreeMap<&'static str, String>,
}

impl<const ROLE: u8> Flags<ROLE> {
    /// What was given, and for whom.
    pub fn given(self) -> Given {
        let role = Self::role();
        let (file, flags) = (self.file, self.values);
        Given { role, file, flags }
    }

    fn role() -> Role {
        match ROLE {
            DATABASE => Role::Database,
            WORK => Role::Work,
            _ => Role::Serve,
        }
    }

    fn settings() -> impl Iterator<Item = &'static Setting> {
        let role = Self::role();
        SETTINGS
            .iter()
            .filter(move |setting| setting.role <= role && setting.kind != Kind::Secret)
    }
}

const NO_WORKER: &str = "no_worker";

impl<const ROLE: u8> clap::Args for Flags<ROLE> {
    fn augment_args(command: Command) -> Command {
        let mut command = command.arg(
            Arg::new("config")
                .long("config")
                .env("GOLPO_CONFIG")
                .value_name("FILE")
                .value_parser(clap::value_parser!(PathBuf))
                .help("A TOML file of settings; flags and the environment go before it"),
        );
        for setting in Self::settings() {
            let mut help = format!("{} [env: {}]", setting.help, setting.variable());
            if let Some(default) = setting.default {
                help.push_str(&format!(" [default: {default}]"));
            }
            let arg = Arg::new(setting.key).long(setting.flag()).help(help);
            let arg = match setting.kind {
                Kind::Switch => arg
                    .num_args(0..=1)
                    .require_equals(true)
                    .default_missing_value("true")
                    .value_name("true|false"),
                Kind::List => arg.value_name(setting.value).action(ArgAction::Append),
                Kind::Text | Kind::Secret => arg.value_name(setting.value),
            };
            command = command.arg(arg);
        }
        if Self::role() == Role::Serve {
            let arg = Arg::new(NO_WORKER)
                .long("no-worker")
                .action(ArgAction::SetTrue)
                .conflicts_with("with_worker")
                .help("The same as --with-worker=false");
            command = command.arg(arg);
        }
        command
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl<const ROLE: u8> clap::FromArgMatches for Flags<ROLE> {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let mut flags = Self::default();
        flags.update_from_arg_matches(matches)?;
        Ok(flags)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        self.file = matches.get_one::<PathBuf>("config").cloned();
        for setting in Self::settings() {
            if let Some(values) = matches.get_many::<String>(setting.key) {
                let values: Vec<_> = values.map(String::as_str).collect();
                self.values.insert(setting.key, values.join(","));
            }
        }
        if Self::role() == Role::Serve && matches.get_flag(NO_WORKER) {
            self.values.insert("with_worker", "false".to_owned());
        }
        Ok(())
    }
}
