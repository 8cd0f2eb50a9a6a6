//! Commits: what pre-commit refuses, and how an agent's are signed.

use super::{DASHBOARD, commit, git, message, program, repo, run, worktree, write};
use crate::support::Playground;

const SIGNED: &str = "Agent: worker-1\nIssue: #147";

#[test]
fn an_agent_is_refused_and_a_person_passes() {
    let playground = Playground::new();
    let repo = repo(&playground);
    repo.ghp(&["install", "git"]).ok();
    let one = worktree(&repo, "worker-1", DASHBOARD);
    let refused = commit(&one, "README.md", "changed").exit(1);
    let refused = refused
        .says("README.md  needs approval  shared")
        .says("1 of 1 paths not allowed for worker-1 on #147")
        .says("Next: ghp request README.md -m \"WHY\"");
    assert!(!refused.stderr.contains("not checked"), "{refused}");
    one.git(&["reset", "-q", "--hard"]);
    commit(&one, "src/metrics/a", "foreign")
        .exit(1)
        .says("scope of #148, worker-2's");
    one.git(&["reset", "-q", "--hard"]);
    commit(&one, "src/dashboard/a", "mine").silent();
    // A hook of another worktree, a folder below, and a person.
    write(&one, "src/dashboard/b", "b");
    let below = one.at("worker-1/src/dashboard");
    below.git(&["add", "b"]);
    below.try_git(&["commit", "-q", "-m", "below"]).silent();
    commit(&repo, "README.md", "by a person").silent();
    assert!(!message(&repo).contains("Agent:"), "{}", message(&repo));
    // An agent that does not say its name.
    write(&repo, "README.md", "by nobody");
    let nobody = run(git(&repo, ["commit", "-qam", "x"]).env("CLAUDECODE", "1"));
    nobody.exit(1).says("whoami --set");
}

#[test]
fn only_what_the_commit_takes_is_checked() {
    let playground = Playground::new();
    let repo = repo(&playground);
    repo.ghp(&["install", "git"]).ok();
    let one = worktree(&repo, "worker-1", DASHBOARD);
    write(&one, "README.md", "staged, but of no commit");
    write(&one, "src/dashboard/a", "a");
    one.git(&["add", "-A"]);
    one.try_git(&["commit", "-q", "-m", "a", "src/dashboard/a"])
        .silent();
    one.try_git(&["commit", "-q", "-m", "b"])
        .exit(1)
        .says("README.md");
    one.git(&["reset", "-q"]);
    one.try_git(&["commit", "-q", "-a", "-m", "all"])
        .exit(1)
        .says("README.md");
    one.git(&["checkout", "-q", "README.md"]);
    write(&one, "src/dashboard/a", "aa");
    one.try_git(&["commit", "-q", "-a", "-m", "all"]).silent();
}

#[test]
fn amend_merge_rebase_and_cherry_pick() {
    let playground = Playground::new();
    let repo = repo(&playground);
    repo.ghp(&["install", "git"]).ok();
    let one = worktree(&repo, "worker-1", DASHBOARD);
    commit(&one, "src/dashboard/a", "one").silent();
    write(&one, "src/dashboard/a", "two");
    one.git(&["commit", "-q", "-a", "--amend", "-m", "two"]);
    assert_eq!(message(&one).trim(), format!("two\n\n{SIGNED}"));
    one.git(&["commit", "-q", "--amend", "--no-edit"]);
    assert_eq!(message(&one).matches("Agent:").count(), 1);
    // A rebase changes no commit's maker.
    let person = ["-c", "core.hooksPath=/dev/null", "commit", "-q"];
    one.git(&[&person[..], &["--allow-empty", "-m", "a person's"]].concat());
    commit(&repo, "other", "of main").silent();
    one.git(&["rebase", "-q", "main"]);
    assert_eq!(message(&one).trim(), "a person's");
    one.git(&["reset", "-q", "--hard", "HEAD~1"]);
    assert_eq!(message(&one).trim(), format!("two\n\n{SIGNED}"));
    // What a merge brings was changed by others; what its conflicts are settled to is its own.
    commit(&repo, "README.md", "of main").silent();
    commit(&repo, "src/dashboard/a", "of main, too").silent();
    one.try_git(&["merge", "-q", "main"]).exit(1);
    write(&one, "src/dashboard/a", "settled");
    one.git(&["add", "src/dashboard/a"]);
    one.try_git(&["commit", "-q", "--no-edit"]).silent();
    assert!(message(&one).contains(SIGNED), "{}", message(&one));
    // What it picks from others, an agent brings.
    repo.git(&["switch", "-q", "-c", "side"]);
    commit(&repo, "src/dashboard/c", "picked").silent();
    one.git(&["cherry-pick", "side"]);
    assert_eq!(message(&one).trim(), format!("picked\n\n{SIGNED}"));
}

#[test]
fn what_an_editor_sees_survives() {
    let playground = Playground::new();
    let repo = repo(&playground);
    repo.ghp(&["install", "git"]).ok();
    let one = worktree(&repo, "worker-1", DASHBOARD);
    let editor = program(
        &playground.path().join("editor"),
        "#!/bin/sh\ncp \"$1\" \"$SEEN\"\n{ echo 'A subject'; cat \"$SEEN\"; } >\"$1\"\n",
    );
    let seen = playground.path().join("seen");
    for (text, options) in [
        ("1", &["--cleanup=default"][..]),
        ("2", &["--cleanup=scissors"]),
        ("3", &["-v"]),
    ] {
        write(&one, "src/dashboard/a", text);
        one.git(&["add", "-A"]);
        let mut command = git(
            &one,
            ["commit", "-q"].into_iter().chain(options.iter().copied()),
        );
        run(command.env("GIT_EDITOR", &editor).env("SEEN", &seen)).silent();
        assert_eq!(
            message(&one).trim(),
            format!("A subject\n\n{SIGNED}"),
            "{options:?}"
        );
        let seen = std::fs::read_to_string(&seen).expect("a message");
        assert!(
            seen.contains("\n# On branch worker-1/147-dashboard"),
            "{seen}"
        );
        assert_eq!(seen.contains(">8"), text != "1", "{seen}");
        assert!(seen.find("Agent:") < seen.find("\n# "), "{seen}");
    }
    // Other signs for comments, and lines that only look like some.
    for (sign, first) in [(";", "A subject"), ("auto", "#1 subject")] {
        let setting = format!("core.commentChar={sign}");
        let words = [
            "-c",
            &setting,
            "commit",
            "-q",
            "--allow-empty",
            "-e",
            "-m",
            first,
        ];
        run(git(&one, words).env("GIT_EDITOR", "touch")).silent();
        assert_eq!(message(&one).trim(), format!("{first}\n\n{SIGNED}"));
        let words = ["-c", &setting, "commit", "-q", "--allow-empty", "--amend"];
        run(git(&one, words).env("GIT_EDITOR", "touch")).silent();
        assert_eq!(message(&one).trim(), format!("{first}\n\n{SIGNED}"));
    }
    let listed = "x\n\n#12 and\n#13";
    one.git(&["commit", "-q", "--allow-empty", "-m", listed]);
    assert_eq!(message(&one).trim(), format!("{listed}\n\n{SIGNED}"));
    // Said already, in whatever words.
    let said = "x\n\nagent: worker-9\nIssue: #3";
    one.git(&["commit", "-q", "--allow-empty", "-m", said]);
    assert_eq!(message(&one).trim(), said);
    // Without a message there is no commit, as ever.
    let empty = run(git(&one, ["commit", "--allow-empty"]).env("GIT_EDITOR", "true"));
    empty.exit(1).says("empty commit message");
    // A line of dashes is a part of the message.
    one.git(&["commit", "-q", "--allow-empty", "-m", "x\n\n---\nmore"]);
    assert_eq!(message(&one).trim(), format!("x\n\n---\nmore\n\n{SIGNED}"));
}

#[test]
fn documents_faults_and_other_repositories_stop_nobody() {
    let playground = Playground::new();
    let repo = repo(&playground);
    repo.ghp(&["install", "git"]).ok();
    let one = worktree(&repo, "worker-1", DASHBOARD);
    // The documents' own worktree, whoever commits there.
    repo.ghp(&["log"]).ok();
    let documents = repo.at("app/.ghp");
    let words = ["commit", "-q", "--allow-empty", "-m", "by hand"];
    run(git(&documents, words).env("GHP_AGENT", "worker-1")).silent();
    assert_eq!(message(&documents).trim(), "by hand");
    // Our own fault: one line, and the commit stands.
    repo.write("config.json", "{");
    let fault = commit(&one, "README.md", "unchecked").ok();
    let lines: Vec<&str> = fault.stderr.lines().collect();
    let [line] = lines.as_slice() else {
        panic!("{fault}");
    };
    assert!(
        line.starts_with("ghp: this commit was not checked: "),
        "{line}"
    );
    assert!(line.ends_with("run: ghp doctor"), "{line}");
    // No documents: no word.
    let other = playground.bare_of_documents("other");
    other.ghp(&["install", "git"]).ok();
    commit(&other, "a", "a").silent();
    run(git(&other, ["commit", "-q", "--allow-empty", "-m", "x"]).env("GHP_AGENT", "w")).silent();
    assert_eq!(message(&other).trim(), "x");
    // Outside a repository, and with words that git never says.
    let nowhere = repo.at("home");
    nowhere.ghp(&["hook", "git", "pre-commit"]).silent();
    repo.ghp(&["hook", "git", "pre-flight"]).exit(2);
}
