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

#[test]
fn an_answer_leaves_once_by_a_command_that_a_person_trusts() {
    let playground = Playground::new();
    let repo = playground.repo();
    let config = |key: &str, value: &str| repo.ghp(&["config", "set", key, value]).ok();
    config("coordination.senders", r#"["ana@example.com"]"#);
    let id = repo.feed(&["task", "receive", "-q"], MAIL).ok().stdout;
    let id = tail(id.trim());
    repo.ghp(&["task", "reply"])
        .exit(2)
        .says("ghp config set coordination.reply");
    // Whatever came with the repository runs only after a person has looked at it.
    let sent = playground.path().join("sent");
    let program = format!("cat >> {}; test ! -e {0}.broken", sent.display());
    let command = serde_json::json!(["sh", "-c", program]).to_string();
    config("coordination.reply", &command);
    repo.ghp(&["task", "reply"]).exit(77).says("ghp trust");
    repo.ghp(&["trust", "--yes"]).ok();
    let reply = || repo.ghp(&["task", "reply"]).ok().stdout;
    assert_eq!(reply(), "no answer waits to be sent\n");
    repo.ghp(&["task", "reply", &id])
        .exit(4)
        .says("has no answer yet");
    let answer = format!("It did.\nBcc: eve@example.com\n{}", "x".repeat(100_000));
    repo.ghp(&["--agent", "testing-1", "task", "take", &id])
        .ok();
    repo.feed(
        &["--agent", "testing-1", "done", &id, "-F", "-"],
        answer.as_bytes(),
    )
    .ok();
    let broken = playground.path().join("sent.broken");
    std::fs::write(&broken, "").expect("a file");
    repo.ghp(&["task", "reply"])
        .exit(1)
        .says("failed with exit code 1")
        .says(&format!("ghp task reply {id}"));
    assert!(task(&repo, &id)["receipts"]["collected"].is_null());
    std::fs::remove_file(&broken).expect("removed");
    std::fs::remove_file(&sent).expect("it was run");
    // Several at once, as a timer and a person would: one of them sends it.
    let told = std::thread::scope(|scope| {
        let replies: Vec<_> = (0..4).map(|_| scope.spawn(reply)).collect();
        let join = |reply: std::thread::ScopedJoinHandle<'_, String>| reply.join().expect("told");
        replies.into_iter().map(join).collect::<String>()
    });
    assert_eq!(
        told.matches("no answer waits to be sent").count(),
        3,
        "{told}"
    );
    let sent_to = format!("{id} was sent to ana@example.com: ");
    assert!(told.contains(&sent_to), "{told}");
    let mail = std::fs::read_to_string(&sent).expect("a mail");
    let (head, body) = mail.split_once("\n\n").expect("a mail");
    assert_eq!(
        head.lines().take(5).collect::<Vec<_>>(),
        [
            "To: ana@example.com",
            "Subject: Re: Did the deployment succeed?",
            "In-Reply-To: <1@x>",
            "References: <1@x>",
            "Auto-Submitted: auto-replied",
        ]
    );
    assert_eq!(body.trim_end(), answer);
    assert_eq!(reply(), "no answer waits to be sent\n");
    assert_eq!(std::fs::read_to_string(&sent).expect("a mail"), mail);
    // What another agent delegated goes to nobody outside.
    let own = super::delegate(&repo, &["testing-1", "Count"]);
    repo.ghp(&["task", "reply", &own])
        .exit(77)
        .says("none of coordination.senders");
}

#[test]
fn a_command_that_sends_answers_may_be_missing_or_never_end() {
    let playground = Playground::new();
    let repo = playground.repo();
    let config = |key: &str, value: &str| {
        repo.ghp(&["config", "set", key, value]).ok();
        repo.ghp(&["trust", "--yes"]).ok();
    };
    config("coordination.senders", r#"["ana@example.com"]"#);
    let id = repo.feed(&["task", "receive", "-q"], MAIL).ok().stdout;
    let id = tail(id.trim());
    repo.agent("testing-1", &["task", "take", &id]).ok();
    repo.agent("testing-1", &["done", "-m", "It did."]).ok();
    let is_sent = || !task(&repo, &id)["receipts"]["collected"].is_null();
    config("coordination.reply", r#"["no-such-mailer", "-t"]"#);
    repo.ghp(&["task", "reply"])
        .exit(1)
        .says("no-such-mailer -t cannot be run: there is no such program")
        .says(&format!("ghp task reply {id}"));
    assert!(!is_sent());
    // With all that it has left elsewhere.
    let left = playground.path().join("left");
    let script = format!("setsid sleep 600 & echo $! > {}; wait", left.display());
    let command = serde_json::json!(["sh", "-c", script]).to_string();
    config("coordination.reply", &command);
    repo.ghp(&["task", "reply"])
        .exit(1)
        .says("did not end in time: it has 60s");
    assert!(!is_sent());
    let pid = std::fs::read_to_string(left).expect("a number");
    let pid = pid.trim().parse().expect("a number");
    let process = ghp::host::processes::Process::of(pid);
    assert!(process.is_none(), "{pid} lives on");
    // It holds up nobody afterwards.
    config("coordination.reply", r#"["true"]"#);
    repo.ghp(&["task", "reply"]).ok();
    assert!(is_sent());
}
