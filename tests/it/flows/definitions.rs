//! `workflow list`, `show`, `graph`: what can be run, and what is wrong with what cannot.

use serde_json::{Value, json};

use crate::support::Playground;

/// A small sound one.
const BUILD: &str = r#"description = "Build it"
[params]
feature = { description = "what" }
[[step]]
name = "plan"
to = "planning"
prompt = "Plan {{ feature }}"
[[step]]
name = "code"
needs = ["plan"]
to = "coding"
prompt = "{{ plan.answer }}"
check = ["true"]
"#;

#[test]
fn what_is_built_in_and_what_the_repository_has() {
    let playground = Playground::new();
    let repo = playground.repo();
    repo.write("workflows/build.toml", BUILD);
    repo.write("workflows/odd.toml", "[[step]]\n");
    repo.write("workflows/Not a name.toml", BUILD);
    let list = repo.ghp(&["workflow", "list", "--json"]).ok().json();
    let rows = list["workflows"].as_array().expect("a list");
    let of = |name: &str| rows.iter().find(|row| row["name"] == name).cloned();
    assert_eq!(rows.len(), 4);
    assert_eq!(
        of("build"),
        Some(
            json!({"name": "build", "source": "repository", "description": "Build it", "steps": 2,
                    "required": ["feature"]})
        )
    );
    let odd = of("odd").expect("listed");
    assert_eq!(
        odd["problem"],
        "workflows/odd.toml, line 1: a step without a name: name = \"plan\""
    );
    let built_in = of("plan-review-code-test-deploy").expect("listed");
    assert_eq!(
        (&built_in["source"], &built_in["steps"]),
        (&json!("built-in"), &json!(5))
    );
    assert_eq!(list["runs"], json!([]));
    let shown = repo
        .ghp(&["workflow", "show", "build", "--json"])
        .ok()
        .json();
    assert_eq!(shown["definition"], BUILD);
    assert_eq!(shown["next"], "ghp workflow run build feature=…");
    assert_eq!(shown["steps"][1]["check"], json!(["true"]));
    assert_eq!(shown["steps"][1]["needs"], json!(["plan"]));
    // One of the repository's stands before one that is built in.
    repo.write("workflows/parallel-investigation.toml", BUILD);
    let shown = repo.ghp(&["workflow", "show", "parallel-investigation", "--json"]);
    assert_eq!(shown.ok().json()["source"], "repository");
}

#[test]
fn drawn_in_three_ways() {
    let playground = Playground::new();
    let repo = playground.repo();
    repo.write("workflows/build.toml", BUILD);
    repo.ghp(&["workflow", "graph", "build"])
        .ok()
        .prints("plan    to planning\n  code  to coding, checks true  after plan\n");
    let drawn = |format: &str| {
        let run = repo.ghp(&["workflow", "graph", "build", "--format", format, "--json"]);
        let report = run.ok().json();
        assert_eq!(report["steps"][1]["needs"], json!(["plan"]));
        report["text"].as_str().expect("text").to_owned()
    };
    assert!(drawn("dot").contains("\"plan\" -> \"code\";"));
    assert!(drawn("mermaid").contains("s0 --> s1"));
    repo.ghp(&["workflow", "graph", "biuld"])
        .exit(2)
        .says("ghp workflow show build");
}

#[test]
fn every_mistake_is_said_with_file_and_line() {
    let playground = Playground::new();
    let repo = playground.repo();
    let text = "descripton = \"x\"\n[[step]]\nname = \"a\"\nneeds = [\"b\"]\napprove = \"human\"\n\
                [[step]]\nname = \"b\"\nneeds = [\"a\"]\napprove = \"human\"\n";
    repo.write("workflows/circle.toml", text);
    let run = repo
        .ghp(&["workflow", "graph", "circle", "--json"])
        .exit(65);
    assert_eq!(
        run.json()["error"]["message"],
        "workflows/circle.toml, line 2: the steps need each other: a → b → a"
    );
    let many = "[[step]]\nname = \"a\"\nto = \"{{\"\nprompt = 3\nretries = \"x\"\ncheck = \"cargo test\"\n";
    std::fs::write(repo.dir.join("many.toml"), many).expect("a file");
    let run = repo.ghp(&["workflow", "show", "./many.toml"]).exit(65);
    for line in [
        "./many.toml, line 3: to: ",
        "line 4: prompt",
        "line 5: retries",
        "line 6: check",
    ] {
        assert!(run.stderr.contains(line), "{line} in {run}");
    }
    let fine = "descripton = \"x\"\n[[step]]\nname = \"a\"\napprove = \"human\"\n";
    repo.write("workflows/fine.toml", fine);
    repo.ghp(&["workflow", "show", "fine"])
        .ok()
        .says("workflows/fine.toml: line 1: nobody knows the key \"descripton\"; did you mean description?");
}

#[test]
fn names_lead_nowhere_else() {
    let playground = Playground::new();
    let repo = playground.repo();
    std::fs::write(repo.dir.join("secret.txt"), "[[step]]\n").expect("a file");
    for (word, exit) in [
        ("../../secret", 2),
        ("..", 2),
        ("/etc/passwd", 2),
        ("\u{1b}[2J", 2),
        ("", 2),
        ("./nothing.toml", 2),
        ("/dev/zero.toml", 2),
    ] {
        let run = repo.ghp(&["workflow", "show", "--", word]).exit(exit);
        assert!(
            !run.stderr.contains('\u{1b}') && !run.stderr.contains("root:"),
            "{run}"
        );
    }
    // A definition that is no regular file is refused, not waited on.
    let fifo = repo.dir.join("fifo.toml");
    playground.git(&repo.dir, &["--version"]);
    let made = playground.command("mkfifo", &repo.dir).arg(&fifo).status();
    if made.is_ok_and(|made| made.success()) {
        let run = repo.ghp(&["workflow", "show", "./fifo.toml"]).exit(2);
        assert!(run.stderr.contains("not a regular file"), "{run}");
    }
    let _: Value = repo.ghp(&["workflow", "list", "--json"]).ok().json();
}
