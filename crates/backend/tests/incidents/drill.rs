//! The drill: one incident, from its first signal to its review, on the real program while it serves
//! (P18 to P21). It prints when each step was done.

use std::time::{Duration, Instant};

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::postgres;
use crate::program::Program;
use crate::tokens::{Signer, claims};
use crate::trail_program::{command, lines};

/// What is written down of a drill.
struct Clock {
    began: Instant,
    steps: Vec<(&'static str, Duration)>,
}

impl Clock {
    fn start() -> Self {
        Self {
            began: Instant::now(),
            steps: Vec::new(),
        }
    }

    fn done(&mut self, step: &'static str) {
        self.steps.push((step, self.began.elapsed()));
    }

    fn print(&self, database: &str) {
        println!("drill on {database}: seconds from the first signal");
        for (step, at) in &self.steps {
            println!("  {:7.3}  {step}", at.as_secs_f64());
        }
    }
}

/// Runs a command that must succeed; its lines of JSON.
fn told(program: &Program, words: &[&str]) -> Vec<Value> {
    let (code, text) = command(program, words);
    assert_eq!(code, 0, "{words:?}: {text}");
    lines(&text)
}

fn refused(program: &Program, words: &[&str]) {
    assert_eq!(command(program, words).0, 1, "{words:?}");
}

fn new_video() -> Value {
    json!({
        "pageId": "65601",
        "pageVersion": 3,
        "script": { "title": "The heron plan", "sections": [{ "heading": "Why", "text": "A heron sentence." }] },
    })
}

async fn ask(program: &Program, site: &str) -> (StatusCode, Value) {
    let request = program.of(site, "POST", "/v1/videos").json(&new_video());
    let key = uuid::Uuid::new_v4().to_string();
    let answer = request.header("idempotency-key", key).send().await.unwrap();
    (answer.status(), answer.json().await.unwrap())
}

/// How long until an answer has this status; within the time that is promised.
async fn until(program: &Program, site: &str, method: &str, path: &str, status: u16) -> Value {
    let began = Instant::now();
    loop {
        let answer = program.of(site, method, path).send().await.unwrap();
        if answer.status() == status {
            return answer.json().await.unwrap_or(Value::Null);
        }
        assert!(
            began.elapsed() < Duration::from_secs(3),
            "{path}: {}",
            answer.status()
        );
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

async fn play(database: &str, variables: &[(&str, &str)]) {
    let mut program = Program::start(&["--no-worker"], variables).await;
    // Two sites that use the service; neither is known by name in what follows.
    let from = fit::Clock::unix_seconds(&fit::SystemClock);
    for site in ["site-a", "site-b"] {
        let (status, _) = ask(&program, site).await;
        assert_eq!(status, StatusCode::ACCEPTED);
    }
    let key = json!({ "apiKey": "golpo-heron-key-1" });
    let put = program.of("site-b", "PUT", "/v1/api-key").json(&key);
    assert_eq!(put.send().await.unwrap().status(), 200);
    let (_, video) = ask(&program, "site-b").await;
    let video = video["id"].as_str().unwrap().to_owned();
    assert_eq!(
        told(&program, &["incident", "list", "--json"]),
        [] as [Value; 0]
    );

    // The signal: site-a asks for site-b's video, again and again.
    let mut clock = Clock::start();
    for _ in 0..25 {
        let path = format!("/v1/videos/{video}");
        let answer = program.of("site-a", "GET", &path).send().await.unwrap();
        assert_eq!(answer.status(), 404);
    }
    clock.done("25 attempts at another site's video, each answered with 404");
    let incident = loop {
        if let Some(incident) = told(&program, &["incident", "list", "--json"]).first() {
            break incident.clone();
        }
        assert!(clock.began.elapsed() < Duration::from_secs(10));
        tokio::time::sleep(Duration::from_millis(100)).await;
    };
    clock.done("the incident is open");
    let id = incident["incident"].as_str().unwrap();
    let tenant = incident["tenant"].as_str().unwrap().to_owned();
    assert!(tenant.starts_with("site-a:"), "{incident}");
    assert_eq!(
        (&incident["severity"], &incident["state"]),
        (&json!("high"), &json!("open"))
    );

    told(
        &program,
        &[
            "incident",
            "contain",
            id,
            "--suspend-tenant",
            &tenant,
            "--json",
        ],
    );
    clock.done("the site is told to be suspended");
    let answer = until(&program, "site-a", "GET", "/v1/videos", 403).await;
    clock.done("the running service refuses the site");
    assert_eq!(answer["code"], "site_suspended");
    let others = program
        .of("site-b", "GET", "/v1/videos")
        .send()
        .await
        .unwrap();
    assert_eq!(others.status(), 200);

    let to = fit::Clock::unix_seconds(&fit::SystemClock).to_string();
    let from = from.to_string();
    let between = ["--from", &from, "--to", &to, "--json"];
    let words = [&["incident", "affected", "--incident", id][..], &between].concat();
    let affected = told(&program, &words);
    clock.done("the affected are listed");
    let found: Vec<_> = affected
        .iter()
        .map(|one| {
            let site = one["tenant"].as_str().unwrap().split(':').next().unwrap();
            format!("{site} {} {}", one["kind"].as_str().unwrap(), one["amount"])
        })
        .collect();
    // The key's row, and the entry of its saving.
    assert_eq!(
        found,
        [
            "site-a page-content 1",
            "site-b page-content 2",
            "site-b api-key 2"
        ]
    );
    let words = [&["incident", "affected", "--kind", "api-key"][..], &between].concat();
    assert_eq!(told(&program, &words).len(), 1);
    refused(&program, &["incident", "close", id]);

    let drafts = program.at("drafts");
    told(
        &program,
        &["incident", "notify", id, "--out", &drafts, "--json"],
    );
    clock.done("the drafts for customers and for Atlassian are written");
    let draft = |name: &str| program.read(&format!("drafts/{name}"));
    for name in ["customers.md", "ecohelp.md", "affected.csv"] {
        let text = draft(name);
        assert!(!text.contains('{') && !text.contains('}'), "{name}: {text}");
        for never in ["heron", "65601", "712020"] {
            assert!(!text.contains(never), "{never} is in {name}");
        }
    }
    assert!(draft("ecohelp.md").contains("within 72 hours of knowing"));
    assert!(draft("ecohelp.md").contains("contained tenant"));
    // A customer is told nothing of other sites.
    for never in ["site-a", "site-b"] {
        assert!(!draft("customers.md").contains(never));
        assert!(draft("affected.csv").contains(never));
    }
    told(&program, &["incident", "notify", id, "--sent", "--json"]);
    clock.done("they are noted as sent");

    let review = program.at("review.md");
    told(
        &program,
        &["incident", "review", id, "--out", &review, "--json"],
    );
    let text = program.read("review.md");
    for act in [
        "incident opened",
        "contained tenant",
        "affected listed",
        "notifications sent",
    ] {
        assert!(text.contains(act), "{act}: {text}");
    }
    refused(&program, &["incident", "review", id, "--accept", &review]);
    refused(&program, &["incident", "close", id]);
    clock.done("the review is begun");
    std::fs::write(&review, text.replace("TO WRITE", "written in a drill")).unwrap();
    told(
        &program,
        &["incident", "review", id, "--accept", &review, "--json"],
    );
    clock.done("the review is accepted");

    let lift = [
        "incident",
        "contain",
        id,
        "--suspend-tenant",
        &tenant,
        "--lift",
        "--json",
    ];
    told(&program, &lift);
    until(&program, "site-a", "GET", "/v1/videos", 200).await;
    clock.done("the running service serves the site again");
    told(&program, &["incident", "close", id, "--json"]);
    clock.done("the incident is closed");
    refused(&program, &["incident", "contain", id, "--stop-jobs"]);

    let verdict = told(&program, &["audit", "verify", "--json"]);
    assert_eq!(verdict[0]["good"], true, "{verdict:?}");
    clock.done("the audit trail is verified");
    let shown = &told(&program, &["incident", "show", id, "--json"])[0];
    assert_eq!(shown["state"], "closed");
    let acts: Vec<_> = shown["timeline"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry["act"].as_str().unwrap())
        .collect();
    assert_eq!(
        acts,
        [
            "incident_opened",
            "contained_tenant",
            "affected_listed",
            "notifications_drafted",
            "notifications_sent",
            "review_begun",
            "review_accepted",
            "lifted_tenant",
            "incident_closed"
        ]
    );
    let log = program.read("log");
    assert!(log.contains("an incident was opened"), "{log}");
    let metrics = program.bare("GET", "/metrics").send().await.unwrap();
    let metrics = metrics.text().await.unwrap();
    assert!(metrics.contains("golpo_incidents_opened_total{rule=\"foreign_ids\"} 1"));
    assert!(metrics.contains("golpo_log_redactions_total 0"), "{log}");
    program.stop().await;
    clock.print(database);
}

#[tokio::test]
async fn p18_p19_p20_p21_a_drill_from_signal_to_review_on_sqlite() {
    play("SQLite", &[]).await;
}

#[tokio::test]
async fn p18_p19_p20_p21_a_drill_from_signal_to_review_on_postgresql() {
    let database = postgres::Database::start().await;
    let url = database.service_url();
    play("PostgreSQL", &[("GOLPO_DATABASE_URL", &url)]).await;
}

#[tokio::test]
async fn p18_a_burst_of_forged_tokens_is_one_incident_however_long_it_lasts() {
    let mut program = Program::start(&["--no-worker"], &[]).await;
    let now = fit::Clock::unix_seconds(&fit::SystemClock);
    // The right key's id, another key's signature.
    let forged = Signer::new("key-1").sign(&claims("site-a", now));
    for _ in 0..3 {
        for _ in 0..40 {
            let request = program.bare("GET", "/v1/site").bearer_auth(&forged);
            assert_eq!(request.send().await.unwrap().status(), 401);
        }
        tokio::time::sleep(Duration::from_millis(1200)).await;
    }
    let incidents = told(&program, &["incident", "list", "--json"]);
    assert_eq!(incidents.len(), 1, "{incidents:?}");
    assert_eq!(incidents[0]["cause"], "forged_tokens");
    assert_eq!(incidents[0]["severity"], "medium");
    program.stop().await;
}

#[tokio::test]
async fn p18_a_trail_that_was_changed_is_a_critical_incident_by_itself() {
    let mut program = Program::start(&["--no-worker"], &[]).await;
    let key = json!({ "apiKey": "golpo-heron-key-1" });
    let put = program.of("site-b", "PUT", "/v1/api-key").json(&key);
    assert_eq!(put.send().await.unwrap().status(), 200);
    tokio::time::sleep(Duration::from_millis(1500)).await;
    let pool = sqlx::SqlitePool::connect(&format!("sqlite://{}", program.at("golpo.db")))
        .await
        .unwrap();
    let cut = "DROP TRIGGER audit_entries_remain; DELETE FROM audit_entries WHERE number = 2";
    sqlx::raw_sql(cut).execute(&pool).await.unwrap();
    program.wait_for_line("an incident was opened").await;
    tokio::time::sleep(Duration::from_millis(2500)).await;
    let incidents = told(&program, &["incident", "list", "--json"]);
    assert_eq!(incidents.len(), 1, "{incidents:?}");
    assert_eq!(incidents[0]["severity"], "critical");
    program.stop().await;
}
