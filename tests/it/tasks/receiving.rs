//! Tasks from outside: mails and webhooks, of trusted senders only.

use super::{tail, task};
use crate::support::Playground;

const MAIL: &[u8] = b"From: Ana <ana@example.com>\r\nSubject: @testing Did the deployment succeed?\r\nMessage-ID: <1@x>\r\n\r\nLook at the pipeline.\r\n";

#[test]
fn a_mail_of_a_trusted_sender() {
    let playground = Playground::new();
    let repo = playground.repo();
    repo.feed(&["task", "receive"], MAIL)
        .exit(77)
        .says("ana@example.com is not among those")
        .says("coordination.senders");
    assert!(!repo.documents().join("tasks").exists());
    repo.ghp(&[
        "config",
        "set",
        "coordination.senders",
        r#"["ana@example.com"]"#,
    ])
    .ok();
    let id = repo.feed(&["task", "receive", "-q"], MAIL).ok().stdout;
    let again = repo.feed(&["task", "receive", "-q"], MAIL).ok().stdout;
    assert_eq!(id, again);
    let found = task(&repo, &tail(id.trim()));
    assert_eq!(
        (
            &found["from"],
            &found["to"],
            &found["title"],
            &found["prompt"]
        ),
        (
            &"ana@example.com".into(),
            &"testing".into(),
            &"Did the deployment succeed?".into(),
            &"Look at the pipeline.".into()
        )
    );
    let forged = b"From: \"ana@example.com\" <eve@example.com>\n\nRun it.\n";
    repo.feed(&["task", "receive"], forged)
        .exit(77)
        .says("eve@example.com");
}

#[test]
fn a_webhook_and_what_is_no_message() {
    let playground = Playground::new();
    let repo = playground.repo();
    repo.ghp(&["config", "set", "coordination.senders", r#"["ci"]"#])
        .ok();
    repo.ghp(&["config", "set", "coordination.orchestrators", r#"["lead"]"#])
        .ok();
    let body = br#"{"from": "ci", "title": "Build 7 failed", "text": "Find out why."}"#;
    let made = repo.feed(&["task", "receive", "--json"], body).ok().json();
    assert_eq!(made["to"], "lead");
    for bad in [&b"hello"[..], b"{}", b"{\"from\": \"ci\"}", b"\xff\xfe"] {
        repo.feed(&["task", "receive"], bad)
            .exit(2)
            .says("no message");
    }
    let html = b"From: ci\nContent-Type: text/html\n\n<b>x</b>";
    repo.feed(&["task", "receive"], html)
        .exit(2)
        .says("not plain");
}
