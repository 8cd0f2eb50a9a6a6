//! `help`, `completions`, `man`, `--help`, `--version`.

use std::process::Command;

use crate::support::{Playground, require};

#[test]
fn help_topics_and_every_commands_own() {
    let playground = Playground::new();
    let dir = playground.path();
    let first = playground.ghp(dir, &["help"]).ok().stdout;
    for same in [&["--help"][..], &["-h"], &[]] {
        assert_eq!(playground.ghp(dir, same).ok().stdout, first, "{same:?}");
    }
    for topic in [
        "all",
        "agents",
        "lead",
        "tasks",
        "groups",
        "sessions",
        "exit-codes",
        "json",
        "environment",
        "formats",
        "config",
    ] {
        assert!(first.contains(topic), "{topic} is not on the first page");
        let run = playground.ghp(dir, &["help", topic]).ok();
        assert!(
            run.stdout.lines().count() > 5 && run.stderr.is_empty(),
            "{run}"
        );
    }
    // A verb's own page is `ghp config --help` where a topic has its name.
    for verb in verbs()
        .into_iter()
        .filter(|verb| !["config", "groups", "sessions", "tasks"].contains(&verb.as_str()))
    {
        let words: Vec<&str> = verb.split(' ').collect();
        let asked: Vec<&str> = ["help"].iter().chain(&words).copied().collect();
        let help = playground.ghp(dir, &asked).ok().prints("Usage: ").stdout;
        let asked: Vec<&str> = words.iter().chain(&["--help"]).copied().collect();
        let long = playground.ghp(dir, &asked).ok().prints("Usage: ").stdout;
        let about = help.lines().next().expect("a line");
        assert_eq!(long.lines().next(), Some(about), "{verb}");
    }
    playground
        .ghp(dir, &["help", "statsu"])
        .exit(2)
        .says("ghp help status");
    playground
        .ghp(dir, &["--version"])
        .ok()
        .prints(concat!("ghp ", env!("CARGO_PKG_VERSION")));
}

/// Every verb that `ghp help all` names, with its noun.
pub(crate) fn verbs() -> Vec<String> {
    let playground = Playground::new();
    let all = playground
        .ghp(playground.path(), &["help", "all"])
        .ok()
        .stdout;
    let named = all.lines().filter_map(|line| line.strip_prefix("  "));
    let verb = |line: &str| {
        let words = line.split("  ").next().expect("a name");
        // A long name leaves one space before what is said about it, which begins with a capital.
        let words = words
            .split(' ')
            .take_while(|word| !word.starts_with(char::is_uppercase));
        words.collect::<Vec<_>>().join(" ")
    };
    let verbs: Vec<String> = named.map(verb).filter(|verb| !verb.is_empty()).collect();
    assert!(verbs.len() > 40, "{verbs:?}");
    verbs
}

#[test]
fn completions_are_sound() {
    let playground = Playground::new();
    let shells = [
        ("bash", "bash"),
        ("zsh", "zsh"),
        ("fish", "fish"),
        ("elvish", ""),
        ("powershell", ""),
    ];
    for (shell, checker) in shells {
        let run = playground
            .ghp(playground.path(), &["completions", shell])
            .ok();
        assert!(
            run.stdout.contains("heartbeat") && run.stdout.contains("escalate"),
            "{shell}"
        );
        if checker.is_empty() || !require(checker, "the syntax of completions") {
            continue;
        }
        let file = playground.path().join(shell);
        std::fs::write(&file, &run.stdout).expect("a file");
        let checked = Command::new(checker)
            .arg("-n")
            .arg(&file)
            .output()
            .expect(checker);
        assert!(checked.status.success(), "{checked:?}");
    }
    playground
        .ghp(playground.path(), &["completions", "cmd"])
        .exit(2);
}

#[test]
fn bash_completes_verbs() {
    if !require("bash", "completion in bash") {
        return;
    }
    let playground = Playground::new();
    let run = playground
        .ghp(playground.path(), &["completions", "bash"])
        .ok();
    let script = run.stdout
        + "\nCOMP_WORDS=(ghp esc); COMP_CWORD=1; _ghp ghp esc ghp; echo \"${COMPREPLY[@]}\"\n";
    // Longer than one argument may be.
    let file = playground.path().join("completion");
    std::fs::write(&file, script).expect("a file");
    let answered = Command::new("bash").arg(&file).output().expect("bash");
    let words = String::from_utf8_lossy(&answered.stdout);
    assert!(
        words.split_whitespace().any(|word| word == "escalate"),
        "{answered:?}"
    );
}

#[test]
fn the_manual_is_roff() {
    let playground = Playground::new();
    let run = playground.ghp(playground.path(), &["man"]).ok();
    assert!(
        run.stdout.contains(".TH ghp") && run.stdout.contains("SYNOPSIS"),
        "{run}"
    );
    if require("man", "the manual's rendering") {
        let file = playground.path().join("ghp.1");
        std::fs::write(&file, &run.stdout).expect("a file");
        let shown = playground
            .command("man", playground.path())
            .arg("-l")
            .arg(&file)
            .output()
            .expect("man");
        assert!(
            String::from_utf8_lossy(&shown.stdout).contains("heartbeat"),
            "{shown:?}"
        );
    }
}
