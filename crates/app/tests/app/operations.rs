//! Every operation over a host in memory: what it answers, what it calls, what leaves the app.

use crate::support::{FakeHost, PAGE, REQUEST, VIDEO, adf_body, page, page_adf, problem};
use app::Scope;
use serde_json::{Value, json};

fn create(title: &str, text: &str) -> Value {
    json!({"pageId":PAGE,"pageVersion":3,"requestId":REQUEST,"options":{"style":"chalkboard"},
        "script":{"title":title,"sections":[{"heading":"Deploying","text":text}]}})
}

#[test]
fn context_says_where_the_ui_is() {
    let answer = FakeHost::admin().run("context", json!({}));
    assert_eq!(answer["ok"]["view"], "create");
    assert_eq!(answer["ok"]["pageId"], PAGE);
    assert_eq!(answer["ok"]["isAdmin"], true);
    assert_eq!(
        FakeHost::default().run("context", json!({}))["ok"]["isAdmin"],
        false
    );
}

#[test]
fn p09_preview_shows_the_text_without_people_and_what_was_removed() {
    let host = FakeHost::default();
    let answer = host.run("preview", json!({"pageId":PAGE}));
    let ok = &answer["ok"];
    let script = ok["script"].to_string();
    assert!(script.contains("before you deploy"), "{script}");
    assert!(
        !script.contains("Mira") && !script.contains("Vale"),
        "{script}"
    );
    assert!(!script.contains("5b10ac8d82e05b22cc7d4ef5"), "{script}");
    let kinds: Vec<&str> = ok["removals"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["kind"].as_str().unwrap())
        .collect();
    assert!(
        kinds.contains(&"mention") && kinds.contains(&"name"),
        "{kinds:?}"
    );
    assert_eq!(ok["pageVersion"], 3);
    let mut calls = host.confluence_calls.borrow().clone();
    calls.sort();
    assert_eq!(
        calls,
        [
            format!("/wiki/api/v2/pages/{PAGE}?body-format=atlas_doc_format&include-labels=true"),
            "/wiki/api/v2/spaces/9".to_owned()
        ],
        "one call for a page in ADF with its labels, one for its space"
    );
}

#[test]
fn preview_tells_space_and_labels() {
    let host = FakeHost::default();
    let script = host.run("preview", json!({"pageId":PAGE}))["ok"]["script"].to_string();
    assert!(
        script.contains("Engineering") && script.contains("release"),
        "{script}"
    );
    assert!(!script.contains("mine"), "a label of one person: {script}");
    let selected = host.run(
        "preview",
        json!({"pageId":PAGE,"selection":"Keeps the calendar."}),
    );
    let script = selected["ok"]["script"].to_string();
    assert!(
        !script.contains("Engineering") && !script.contains("release"),
        "not selected: {script}"
    );
}

#[test]
fn preview_believes_the_page_on_its_space() {
    for context in [
        json!({"id":"7"}),
        json!({"id":"../9"}),
        json!({}),
        Value::Null,
    ] {
        let host = FakeHost::default();
        let payload = json!({ "pageId": PAGE }).to_string();
        let answer = host.run_in(context, "preview", &payload);
        let script = answer["ok"]["script"].to_string();
        assert!(script.contains("Engineering"), "{answer}");
    }
}

#[test]
fn preview_goes_on_without_a_space() {
    let space = "/wiki/api/v2/spaces/9";
    let personal = json!({"id":"9","key":"~5b10","name":"Mira Vale","type":"personal"});
    let without_scope = FakeHost {
        missing_scopes: vec![Scope::ReadSpace],
        ..FakeHost::default()
    };
    for (host, lines) in [
        (
            FakeHost::default().confluence_answer(space, 200, personal),
            0,
        ),
        (
            FakeHost::default().confluence_answer(space, 200, json!({})),
            1,
        ),
        (
            FakeHost::default().confluence_answer(space, 503, json!({})),
            1,
        ),
        (without_scope, 1),
    ] {
        let answer = host.run("preview", json!({"pageId":PAGE}));
        let script = answer["ok"]["script"].to_string();
        assert!(script.contains("before you deploy"), "{answer}");
        assert!(
            !script.contains("Engineering") && !script.contains("Vale"),
            "{script}"
        );
        assert_eq!(host.log.borrow().len(), lines, "{:?}", host.log.borrow());
    }
}

/// A page of sections with this many words each.
fn long_page(words: &[usize]) -> Value {
    let content: Vec<Value> = words
        .iter()
        .enumerate()
        .flat_map(|(index, words)| {
            let text = format!("Part {index} begins here. {}", "Word follows word. ".repeat(words / 3));
            [
                json!({"type":"heading","attrs":{"level":2},"content":[{"type":"text","text":format!("Part {index}")}]}),
                json!({"type":"paragraph","content":[{"type":"text","text":text}]}),
            ]
        })
        .collect();
    let adf = json!({"type":"doc","version":1,"content":content}).to_string();
    page(3, adf_body(&adf))
}

#[test]
fn preview_times_each_section() {
    let host = FakeHost::default().confluence_answer(
        &format!("/wiki/api/v2/pages/{PAGE}"),
        200,
        long_page(&[60, 150, 30]),
    );
    let ok = &host.run("preview", json!({"pageId":PAGE}))["ok"];
    let of = |field: &str| -> u64 {
        let sections = ok["sections"].as_array().unwrap().iter();
        sections.map(|it| it[field].as_u64().unwrap()).sum()
    };
    assert_eq!(
        ok["sections"].as_array().unwrap().len(),
        ok["script"]["sections"].as_array().unwrap().len()
    );
    assert_eq!(of("words"), ok["words"].as_u64().unwrap());
    assert_eq!(of("seconds"), ok["estimatedSeconds"].as_u64().unwrap());
}

#[test]
fn preview_cuts_to_the_length_and_says_what_is_left_out() {
    let host = FakeHost::default().confluence_answer(
        &format!("/wiki/api/v2/pages/{PAGE}"),
        200,
        long_page(&[60, 150, 30]),
    );
    let whole = &host.run("preview", json!({"pageId":PAGE}))["ok"];
    assert_eq!(whole["leftOut"], json!([]));
    let ok = &host.run("preview", json!({"pageId":PAGE,"length":"seconds30"}))["ok"];
    assert!(ok["estimatedSeconds"].as_u64().unwrap() <= 30, "{ok}");
    let left_out = ok["leftOut"].as_array().unwrap();
    assert!(
        left_out.iter().any(|it| it["heading"] == "Part 1"),
        "{left_out:?}"
    );
    for it in left_out {
        if let Some(section) = it["section"].as_u64() {
            assert_eq!(
                ok["script"]["sections"][section as usize]["heading"],
                it["heading"]
            );
        }
    }
    assert_eq!(ok["fingerprint"], whole["fingerprint"]);
}

#[test]
fn preview_keeps_code_when_asked() {
    let adf = json!({"type":"doc","version":1,"content":[
        {"type":"paragraph","content":[{"type":"text","text":"Run this."}]},
        {"type":"codeBlock","attrs":{"language":"bash"},"content":[{"type":"text","text":"make everything"}]}
    ]});
    let host = FakeHost::default().confluence_answer(
        &format!("/wiki/api/v2/pages/{PAGE}"),
        200,
        page(3, adf_body(&adf.to_string())),
    );
    let script = |payload: Value| host.run("preview", payload)["ok"]["script"].to_string();
    assert!(!script(json!({"pageId":PAGE})).contains("make everything"));
    assert!(script(json!({"pageId":PAGE,"keepCode":true})).contains("make everything"));
}

#[test]
fn preview_names_the_language_and_what_may_be_missed() {
    let german = "Dies ist eine Seite auf Deutsch, und sie sagt, was zu tun ist, wenn der Dienst nicht mehr antwortet. Wer das liest, ruft zuerst an und schreibt dann auf, was geschehen ist.";
    let adf = json!({"type":"doc","version":1,"content":[
        {"type":"paragraph","content":[{"type":"text","text":german}]},
        {"type":"holodeck","content":[{"type":"text","text":"Neues Element."}]}
    ]});
    let host = FakeHost::default().confluence_answer(
        &format!("/wiki/api/v2/pages/{PAGE}"),
        200,
        page(3, adf_body(&adf.to_string())),
    );
    let ok = &host.run("preview", json!({"pageId":PAGE}))["ok"];
    assert_eq!(ok["language"], "de");
    let warning = &ok["warnings"][0];
    assert_eq!(
        (&warning["kind"], &warning["name"], &warning["count"]),
        (&json!("unknownNode"), &json!("holodeck"), &json!(1))
    );
    assert!(warning["message"].as_str().unwrap().ends_with('.'));
}

#[test]
fn p09_what_stands_instead_of_people_can_be_found_in_the_script() {
    for before in ["Ask", "Ask our", "Our new"] {
        let adf = json!({"type":"doc","version":1,"content":[{"type":"paragraph","content":[
            {"type":"text","text":format!("{before} ")},
            {"type":"mention","attrs":{"id":"5b10ac8d82e05b22cc7d4ef5","text":"@Mira Vale"}},
            {"type":"text","text":" knows the way."}
        ]}]});
        let host = FakeHost::default().confluence_answer(
            &format!("/wiki/api/v2/pages/{PAGE}"),
            200,
            page(3, adf_body(&adf.to_string())),
        );
        let ok = &host.run("preview", json!({"pageId":PAGE}))["ok"];
        let script = ok["script"].to_string();
        let phrases = ok["neutralPhrases"].as_array().unwrap();
        assert!(
            phrases
                .iter()
                .any(|phrase| script.contains(&format!("{before} {}", phrase.as_str().unwrap()))),
            "{script} {phrases:?}"
        );
    }
}

#[test]
fn p09_preview_of_a_selection_still_knows_the_names_of_the_page() {
    let answer = FakeHost::default().run(
        "preview",
        json!({"pageId":PAGE,"selection":"Mira Vale keeps the calendar."}),
    );
    let script = answer["ok"]["script"].to_string();
    assert!(
        script.contains("keeps the calendar") && !script.contains("Vale"),
        "{script}"
    );
    assert!(!script.contains("before you deploy"), "{script}");
}

#[test]
fn preview_falls_back_to_storage_format() {
    let storage = page(
        3,
        json!({"storage":{"value":"<h1>Rota</h1><p>Swap with care.</p>","representation":"storage"}}),
    );
    let host = FakeHost::default()
        .confluence_answer(
            &format!("/wiki/api/v2/pages/{PAGE}?body-format=atlas_doc_format"),
            200,
            page(3, json!({})),
        )
        .confluence_answer(
            &format!("/wiki/api/v2/pages/{PAGE}?body-format=storage"),
            200,
            storage,
        );
    let answer = host.run("preview", json!({"pageId":PAGE}));
    assert!(
        answer["ok"]["script"]
            .to_string()
            .contains("Swap with care"),
        "{answer}"
    );
}

#[test]
fn preview_carries_edits_into_a_page_that_changed() {
    let base = FakeHost::default().run("preview", json!({"pageId":PAGE}))["ok"]["script"].clone();
    assert_eq!(base["sections"].as_array().unwrap().len(), 2, "{base}");
    let mut edited = base.clone();
    edited["title"] = "How we release".into();
    edited["sections"][0]["text"] = "My own opening.".into();
    let edits = json!({"pageId":PAGE,"edits":{"base":base,"edited":edited}});
    let with_words = |words: &str| {
        let body = adf_body(&page_adf().replace("before you deploy", words));
        FakeHost::default().confluence_answer(
            &format!("/wiki/api/v2/pages/{PAGE}"),
            200,
            page(4, body),
        )
    };
    let ok = &with_words("once it is noon").run("preview", edits.clone())["ok"];
    assert_eq!(
        ok["script"]["sections"][0], base["sections"][0],
        "the page's own"
    );
    let merged = &ok["merged"];
    assert_eq!(merged["script"]["title"], "How we release");
    assert_eq!(merged["script"]["sections"][0]["text"], "My own opening.");
    let text = merged["script"]["sections"][1]["text"].as_str().unwrap();
    assert!(text.contains("once it is noon"), "{text}");
    assert_eq!(merged["conflicts"], json!([]));

    let mut same_line = edits;
    same_line["edits"]["edited"]["sections"][1]["text"] = "Nobody deploys.".into();
    let merged = &with_words("once it is noon").run("preview", same_line)["ok"]["merged"];
    assert_eq!(merged["conflicts"], json!([1]));
    assert_eq!(merged["script"]["sections"][1]["text"], "Nobody deploys.");
}

#[test]
fn preview_without_edits_merges_nothing() {
    let ok = &FakeHost::default().run("preview", json!({"pageId":PAGE}))["ok"];
    assert_eq!(ok["merged"], Value::Null);
    for edits in [
        json!({}),
        json!({"base":{"title":"","sections":[]},"edited":{"title":"","sections":[]}}),
    ] {
        let payload = json!({"pageId":PAGE,"edits":edits});
        assert_eq!(
            FakeHost::default().code("preview", payload),
            "invalid_request"
        );
    }
}

#[test]
fn preview_finds_blog_posts() {
    let body = adf_body(&page_adf());
    let host =
        FakeHost::default().confluence_answer("/wiki/api/v2/blogposts/777?", 200, page(1, body));
    assert_eq!(
        host.run("preview", json!({"pageId":"777"}))["ok"]["pageVersion"],
        1
    );
}

#[test]
fn p09_create_video_cleans_the_script_again_before_it_leaves() {
    let host = FakeHost::default();
    let answer = host.run(
        "createVideo",
        create("Guide of Mira Vale", "Ask Mira Vale or mira@example.com."),
    );
    assert_eq!(answer["ok"]["state"], "queued", "{answer}");
    let calls = host.remote_calls.borrow();
    assert_eq!(calls.len(), 1);
    assert_eq!(calls[0].idempotency_key.as_deref(), Some(REQUEST));
    let body = calls[0].body.as_deref().unwrap();
    assert!(
        body.contains("chalkboard") && body.contains("Deploying"),
        "{body}"
    );
    assert!(
        !body.contains("Vale") && !body.contains("mira@") && !body.contains("5b10ac8d"),
        "{body}"
    );
    assert_eq!(host.events.borrow().len(), 1);
}

#[test]
fn create_video_stops_when_the_page_says_something_else_by_now() {
    let host = FakeHost::default();
    let preview = host.run("preview", json!({"pageId":PAGE}));
    let fingerprint = &preview["ok"]["fingerprint"];
    let saved = |adf: &str| {
        FakeHost::default().confluence_answer(
            &format!("/wiki/api/v2/pages/{PAGE}"),
            200,
            page(4, adf_body(adf)),
        )
    };
    let mut asked = create("Guide", "Text.");
    // From a Custom UI that sends no fingerprint: the version decides.
    let same = saved(&page_adf());
    assert_eq!(same.code("createVideo", asked.clone()), "page_changed");
    assert!(same.remote_calls.borrow().is_empty());

    asked["sourceFingerprint"] = fingerprint.clone();
    assert_eq!(same.run("createVideo", asked.clone())["ok"]["id"], VIDEO);
    let body = same.remote_calls.borrow()[0].body.clone().unwrap();
    let body: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(
        (&body["pageVersion"], &body["sourceFingerprint"]),
        (&json!(3), fingerprint),
        "the same request when it is sent again"
    );

    let other = saved(&page_adf().replace("before you deploy", "after you deploy"));
    assert_eq!(other.code("createVideo", asked), "page_changed");
    assert!(other.remote_calls.borrow().is_empty());
}

#[test]
fn create_video_goes_on_when_the_queue_is_down() {
    let host = FakeHost {
        queue_down: true,
        ..FakeHost::default()
    };
    assert_eq!(
        host.run("createVideo", create("Guide", "Text."))["ok"]["id"],
        VIDEO
    );
    assert_eq!(host.log.borrow().len(), 1);
}

#[test]
fn create_video_restores_a_key_that_the_backend_lost() {
    let host =
        FakeHost::default().backend_answer("POST /v1/videos", problem("api_key_missing", 409));
    assert_eq!(
        host.code("createVideo", create("Guide", "Text.")),
        "api_key_missing"
    );
    assert_eq!(host.remote_paths(), ["POST /v1/videos"]);
    host.secrets
        .borrow_mut()
        .insert("golpo-api-key".to_owned(), "golpo-key-12345".to_owned());
    host.run("createVideo", create("Guide", "Text."));
    assert_eq!(
        host.remote_paths()[1..],
        ["POST /v1/videos", "PUT /v1/api-key", "POST /v1/videos"]
    );
}

#[test]
fn video_status_gives_media_and_freshness() {
    let host = FakeHost::default();
    let answer = host.run("videoStatus", json!({"videoId":VIDEO}));
    assert_eq!(answer["ok"]["media"]["videoUrl"], "https://v");
    assert_eq!(answer["ok"]["outOfDate"], true);
}

#[test]
fn videos_of_pages_that_the_user_may_not_see_do_not_exist() {
    let host =
        FakeHost::default().confluence_answer("/wiki/api/v2/pages?id=", 200, json!({"results":[]}));
    assert_eq!(
        host.code("videoStatus", json!({"videoId":VIDEO})),
        "video_not_found"
    );
    assert_eq!(host.run("listVideos", json!({}))["ok"]["videos"], json!([]));
    assert!(
        !host
            .remote_paths()
            .iter()
            .any(|path| path.ends_with("/media"))
    );
}

#[test]
fn list_videos_marks_those_out_of_date() {
    let answer = FakeHost::default().run("listVideos", json!({"pageId":PAGE}));
    assert_eq!(answer["ok"]["videos"][0]["id"], VIDEO);
    assert_eq!(answer["ok"]["outOfDate"], json!([VIDEO]));
    assert_eq!(answer["ok"]["mayBeOutOfDate"], json!([]));
    assert_eq!(
        FakeHost::default().code("listVideos", json!({"cursor":"a&tenant=b"})),
        "invalid_request"
    );
}

#[test]
fn p14_failures_inside_the_app_are_reported_by_code_and_successes_cost_no_call() {
    let gone = FakeHost::default().confluence_answer("/wiki/api/v2/pages/", 404, json!({}));
    assert_eq!(
        gone.code("preview", json!({"pageId":PAGE})),
        "page_not_found"
    );
    assert_eq!(
        *gone.reports.borrow(),
        [r#"{"code":"page_not_found","operation":"preview"}"#]
    );
    let host = FakeHost::default();
    assert_eq!(host.code("heronPlan", json!({})), "unknown_operation");
    host.code("preview", json!({"pageId":"the heron plan"}));
    let reports = host.reports.borrow().clone();
    assert_eq!(
        reports,
        [
            r#"{"code":"unknown_operation"}"#,
            r#"{"code":"invalid_request","operation":"preview"}"#,
        ]
    );
    for report in &reports {
        serde_json::from_str::<protocol::ErrorReport>(report).unwrap();
    }
    // What the backend refused it knows, and one that is down hears nothing.
    let refused =
        FakeHost::default().backend_answer("GET /v1/videos", problem("rate_limited", 429));
    assert_eq!(refused.code("listVideos", json!({})), "rate_limited");
    let down = FakeHost {
        backend_down: true,
        ..FakeHost::default()
    };
    assert_eq!(down.code("listVideos", json!({})), "backend_unavailable");
    let well = FakeHost::admin();
    for (operation, payload) in [
        ("context", json!({})),
        ("preview", json!({"pageId":PAGE})),
        ("listVideos", json!({})),
        ("settings", json!({})),
    ] {
        assert!(
            well.run(operation, payload)["ok"].is_object(),
            "{operation}"
        );
    }
    for host in [refused, down, well] {
        assert!(host.reports.borrow().is_empty());
    }
}

#[test]
fn p04_settings_are_for_administrators_on_the_servers_word() {
    for (operation, payload) in [
        ("settings", json!({})),
        ("saveApiKey", json!({"apiKey":"golpo-key-12345"})),
        ("removeApiKey", json!({})),
    ] {
        let host = FakeHost::default();
        assert_eq!(
            host.code(operation, payload.clone()),
            "admin_required",
            "{operation}"
        );
        assert!(host.remote_calls.borrow().is_empty(), "{operation}");
        assert!(host.secrets.borrow().is_empty(), "{operation}");
        assert!(
            FakeHost::admin().run(operation, payload)["ok"]["site"].is_object(),
            "{operation}"
        );
    }
}

#[test]
fn p11_the_key_goes_to_both_stores_and_into_no_answer_or_log() {
    let host = FakeHost::admin();
    let answer = host.run("saveApiKey", json!({"apiKey":"golpo-key-12345"}));
    assert!(!answer.to_string().contains("golpo-key-12345"));
    assert_eq!(host.secrets.borrow()["golpo-api-key"], "golpo-key-12345");
    assert!(host.kvs.borrow().is_empty());
    assert!(host.log.borrow().iter().all(|line| !line.contains("12345")));
    host.run("removeApiKey", json!({}));
    assert!(host.secrets.borrow().is_empty());
}

#[test]
fn a_key_that_the_backend_refuses_is_not_kept() {
    let host = FakeHost::admin().backend_answer("PUT /v1/api-key", problem("api_key_invalid", 422));
    assert_eq!(
        host.code("saveApiKey", json!({"apiKey":"golpo-key-12345"})),
        "api_key_invalid"
    );
    assert!(host.secrets.borrow().is_empty());
}

#[test]
fn p03_a_missing_scope_is_found_before_the_call_and_named() {
    for (scope, operation, payload) in [
        (Scope::ReadPage, "preview", json!({"pageId":PAGE})),
        (Scope::ReadContentDetails, "settings", json!({})),
        (
            Scope::Storage,
            "saveApiKey",
            json!({"apiKey":"golpo-key-12345"}),
        ),
    ] {
        let host = FakeHost {
            missing_scopes: vec![scope],
            ..FakeHost::admin()
        };
        let answer = host.run(operation, payload);
        assert_eq!(answer["error"]["code"], "scope_missing", "{operation}");
        assert!(
            answer["error"]["message"]
                .as_str()
                .unwrap()
                .contains(scope.as_str())
        );
        assert!(host.remote_calls.borrow().is_empty());
        if scope != Scope::Storage {
            let calls = host.confluence_calls.borrow();
            // The space is asked for at the same time, by its own scope.
            assert!(calls.iter().all(|path| path.contains("/spaces/")));
        }
    }
}

#[test]
fn p03_the_manifest_asks_for_exactly_the_scopes_that_the_code_names() {
    let manifest = include_str!("../../../../manifest.yml");
    let asked: Vec<&str> = manifest
        .lines()
        .skip_while(|line| line.trim() != "scopes:")
        .skip(1)
        .take_while(|line| line.trim().starts_with("- "))
        .map(|line| {
            line.trim()
                .trim_start_matches("- ")
                .trim_matches(['\'', '"'])
        })
        .collect();
    let mut named: Vec<&str> = Scope::ALL.iter().map(|scope| scope.as_str()).collect();
    let mut asked_sorted = asked.clone();
    asked_sorted.sort_unstable();
    named.sort_unstable();
    assert_eq!(asked_sorted, named);
}

#[test]
fn each_refusal_has_its_own_code() {
    let host = FakeHost::default();
    assert_eq!(host.code("dropTables", json!({})), "unknown_operation");
    assert_eq!(host.code("preview", json!({})), "invalid_request");
    assert_eq!(
        host.code("preview", json!({"pageId":"../1"})),
        "invalid_request"
    );
    assert_eq!(
        host.code("preview", json!({"pageId":PAGE,"tenant":"other"})),
        "invalid_request"
    );
    assert_eq!(
        host.run_text("preview", "not json")["error"]["code"],
        "invalid_request"
    );
    assert_eq!(
        host.code("preview", json!({"pageId":"999"})),
        "page_not_found"
    );
    let of_page =
        |status| FakeHost::default().confluence_answer("/wiki/api/v2/pages/", status, json!({}));
    assert_eq!(
        of_page(403).code("preview", json!({"pageId":PAGE})),
        "page_forbidden"
    );
    assert_eq!(
        of_page(401).code("preview", json!({"pageId":PAGE})),
        "scope_missing"
    );
    assert_eq!(
        of_page(429).code("preview", json!({"pageId":PAGE})),
        "rate_limited"
    );
    assert_eq!(
        of_page(503).code("preview", json!({"pageId":PAGE})),
        "confluence_unavailable"
    );
    assert_eq!(
        of_page(200).code("preview", json!({"pageId":PAGE})),
        "confluence_unavailable"
    );
    let empty = page(
        1,
        json!({"atlas_doc_format":{"value":r#"{"type":"doc","version":1,"content":[]}"#}}),
    );
    let host = FakeHost::default().confluence_answer("/wiki/api/v2/pages/", 200, empty);
    assert_eq!(host.code("preview", json!({"pageId":PAGE})), "page_empty");
    let broken = page(1, json!({"atlas_doc_format":{"value":"{"}}));
    let host = FakeHost::default().confluence_answer("/wiki/api/v2/pages/", 200, broken);
    assert_eq!(
        host.code("preview", json!({"pageId":PAGE})),
        "page_unreadable"
    );
    let long = create("Guide", &"word ".repeat(50_000));
    assert_eq!(host.code("createVideo", long), "too_large");
    let down = FakeHost {
        backend_down: true,
        ..FakeHost::default()
    };
    assert_eq!(
        down.code("createVideo", create("Guide", "Text.")),
        "backend_unavailable"
    );
    for (code, status) in [
        ("token_expired", 401),
        ("token_invalid", 401),
        ("too_large", 413),
        ("rate_limited", 429),
    ] {
        let host = FakeHost::default().backend_answer("POST /v1/videos", problem(code, status));
        assert_eq!(host.code("createVideo", create("Guide", "Text.")), code);
    }
    let gateway = FakeHost::default().backend_answer("POST /v1/videos", (502, "<html>".to_owned()));
    assert_eq!(
        gateway.code("createVideo", create("Guide", "Text.")),
        "backend_unavailable"
    );
}

#[test]
fn p14_refusals_log_the_operation_and_the_code_and_no_content() {
    let host = FakeHost::default();
    host.run_text(
        "preview",
        r#"{"pageId":"65601","selection":{"secret":"the moon"}}"#,
    );
    host.run_text("name with words of a page", "{}");
    let lines = host.log.borrow();
    assert_eq!(lines.len(), 2);
    assert!(
        lines[0].starts_with("operation=preview code=invalid_request"),
        "{lines:?}"
    );
    assert!(
        lines[1].starts_with("operation=unknown code=unknown_operation"),
        "{lines:?}"
    );
    assert!(
        !lines.concat().contains("moon") && !lines.concat().contains("words"),
        "{lines:?}"
    );
}
