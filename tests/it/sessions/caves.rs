//! Caves: a worktree with the untracked files that it needs, never those of elsewhere.

use std::os::unix::fs::symlink;

use crate::support::{Playground, Repo};

fn copying(repo: &Repo, patterns: &str) {
    repo.ghp(&["config", "set", "coordination.copyFiles", patterns])
        .ok();
}

#[test]
fn globs_of_untracked_files_are_copied() {
    let playground = Playground::new();
    let repo = playground.repo();
    std::fs::write(repo.dir.join(".gitignore"), "*.local\n.env*\n").expect("a file");
    std::fs::create_dir_all(repo.dir.join("config/deep")).expect("folders");
    std::fs::write(repo.dir.join("config/tracked.local.toml"), "t\n").expect("a file");
    repo.git(&["add", "."]);
    repo.git(&["commit", "-q", "-m", "Configuration"]);
    for (path, text) in [
        (".env", "A=1\n"),
        (".env.test", "A=2\n"),
        ("config/a.local", "a\n"),
        ("config/deep/b.local", "b\n"),
        ("config/other", "not wanted\n"),
        ("secret", "not wanted\n"),
    ] {
        std::fs::write(repo.dir.join(path), text).expect("a file");
    }
    let outside = playground.path().join("outside");
    std::fs::create_dir(&outside).expect("a folder");
    std::fs::write(outside.join("x.local"), "elsewhere\n").expect("a file");
    symlink(outside.join("x.local"), repo.dir.join("config/link.local")).expect("a link");
    symlink(&outside, repo.dir.join("config/folder.local")).expect("a link");
    copying(
        &repo,
        r#"[".env*", "config/**/*.local", "/etc/passwd", "../x", ".git/**", ".ghp/**", "nothing"]"#,
    );
    repo.ghp(&["issue", "new", "One"]).ok();
    let run = repo
        .ghp(&["start", "1", "--worktree", "--for", "worker-1"])
        .ok()
        .says("config/link.local was not copied")
        .says("config/folder.local was not copied")
        .says("leaves the repository");
    assert!(!run.stderr.contains(".git/"), "{run}");
    let cave = playground.path().join("app.caves/worker-1");
    let read = |path: &str| std::fs::read_to_string(cave.join(path)).unwrap_or_default();
    assert_eq!(
        [".env", ".env.test", "config/a.local", "config/deep/b.local"].map(read),
        ["A=1\n", "A=2\n", "a\n", "b\n"]
    );
    for path in [
        "config/other",
        "secret",
        "config/link.local",
        "config/folder.local",
        "etc",
        ".ghp",
    ] {
        assert!(!cave.join(path).exists(), "{path}");
    }
}
