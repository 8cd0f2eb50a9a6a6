use super::*;
use crate::domain::time::Timestamp;
use crate::git::place::find;
use crate::git::testing::{Scratch, run, succeeds};
use crate::git::worktree;
use crate::host::folder::{Dir, Folder as _};

struct Bench {
    scratch: Scratch,
    branch: DocumentsBranch,
}

impl Bench {
    fn new() -> Bench {
        let scratch = Scratch::repository();
        scratch.commit("f", "code");
        let place = find(scratch.path()).expect("a repository");
        let made = worktree::ensure(&place, None, Path::new("/nowhere/ghp")).expect("made");
        let branch = DocumentsBranch::new(&place.common, &made.root);
        Bench { scratch, branch }
    }

    fn root(&self) -> &Path {
        &self.branch.root
    }

    fn tip(&self) -> String {
        self.branch.tip().expect("a branch").expect("a tip")
    }

    /// Puts documents on disk as the write path does.
    fn lay(&self, documents: &[(&str, Option<&str>)]) -> Vec<OnDisk> {
        let folder = Dir::open(self.root(), layout::ASIDE).expect("a folder");
        let one = |(path, text): &(&str, Option<&str>)| OnDisk {
            path: (*path).to_owned(),
            blob: text.map(|text| BlobId::of(text.as_bytes())),
            stat: if let Some(text) = text {
                Some(
                    folder
                        .replace_with_stat(path, text.as_bytes())
                        .expect("written"),
                )
            } else {
                folder.remove(path).expect("removed");
                None
            },
        };
        documents.iter().map(one).collect()
    }

    fn checkpoint(&self, documents: &[(&str, Option<&str>)]) -> Published {
        let on_disk = self.lay(documents);
        let parent = self.tip();
        let tip = self
            .branch
            .write(&parent, &[record("worker-1", documents)])
            .expect("written");
        self.branch
            .publish(&parent, &tip, &on_disk)
            .expect("no failure")
    }

    fn status(&self) -> String {
        run(self.root(), &["status", "--porcelain"])
    }

    fn kept(&self) -> usize {
        let names = names(&self.branch.common.join("objects/pack")).expect("a folder");
        names
            .iter()
            .filter(|name| name.to_string_lossy().ends_with(".keep"))
            .count()
    }
}

fn record(author: &str, documents: &[(&str, Option<&str>)]) -> NewCommit {
    NewCommit {
        author: author.to_owned(),
        at: Timestamp::from_seconds(1_737_801_000),
        message: "Escalated: which one?\n\nAgent: worker-1".to_owned(),
        changes: documents
            .iter()
            .map(|(path, text)| {
                (
                    (*path).to_owned(),
                    text.map(|text| text.as_bytes().to_vec()),
                )
            })
            .collect(),
    }
}

#[test]
fn a_checkpoint_is_history_and_leaves_nothing_to_show() {
    let bench = Bench::new();
    let documents = [
        ("issues/1.md", Some("one\n")),
        ("agent-status.json", Some("{}\n")),
        ("a/b/c.md", Some("c\n")),
    ];
    assert_eq!(bench.checkpoint(&documents), Published::Done);
    assert_eq!(bench.status(), "");
    assert_eq!(bench.kept(), 0);
    assert_eq!(
        bench.checkpoint(&[("a/b/c.md", None), ("issues/2.md", Some("two\n"))]),
        Published::Done
    );
    assert_eq!(bench.status(), "");
    let tree = run(bench.root(), &["ls-tree", "-r", "--name-only", "HEAD"]);
    assert_eq!(tree, "agent-status.json\nissues/1.md\nissues/2.md");
    let shown = run(
        bench.root(),
        &[
            "log",
            "-1",
            "--format=%an <%ae> %at %s %(trailers:key=Agent,valueonly)",
        ],
    );
    assert_eq!(
        shown,
        "worker-1 <worker-1@ghp.invalid> 1737801000 Escalated: which one? worker-1"
    );
    assert_eq!(
        run(bench.root(), &["reflog", "--format=%gs"]),
        "ghp: checkpoint\nghp: checkpoint"
    );
    run(bench.scratch.path(), &["fsck", "--strict"]);
    let tip = bench.tip();
    assert_eq!(
        bench
            .branch
            .read(&tip, "issues/2.md")
            .expect("readable")
            .as_deref(),
        Some(&b"two\n"[..])
    );
    assert_eq!(bench.branch.read(&tip, "a/b/c.md").expect("readable"), None);
    assert_eq!(bench.branch.read(&tip, "issues").expect("readable"), None);
    assert_eq!(bench.branch.paths(&tip).expect("readable").len(), 3);
    assert!(bench.branch.contains(&tip).expect("readable"));
    assert!(!bench.branch.contains(&"0".repeat(40)).expect("readable"));
}

#[test]
fn many_records_are_one_pack_that_git_accepts() {
    let bench = Bench::new();
    let texts: Vec<String> = (0..100)
        .map(|n| format!("{}\n{n}\n", "line\n".repeat(200)))
        .collect();
    let records: Vec<_> = texts
        .iter()
        .map(|text| record("worker-1", &[("agent-status.json", Some(text))]))
        .collect();
    let parent = bench.tip();
    let tip = bench.branch.write(&parent, &records).expect("written");
    assert_eq!(
        bench
            .branch
            .write(&parent, &records)
            .expect("written again"),
        tip
    );
    let on_disk = bench.lay(&[("agent-status.json", texts.last().map(String::as_str))]);
    assert_eq!(
        bench
            .branch
            .publish(&parent, &tip, &on_disk)
            .expect("published"),
        Published::Done
    );
    assert_eq!(run(bench.root(), &["rev-list", "--count", "HEAD"]), "101");
    assert_eq!(bench.status(), "");
    run(bench.scratch.path(), &["fsck", "--strict"]);
    let packs = names(&bench.branch.common.join("objects/pack")).expect("a folder");
    let size: u64 = packs
        .iter()
        .map(|name| {
            bench
                .branch
                .common
                .join("objects/pack")
                .join(name)
                .metadata()
                .expect("a file")
                .len()
        })
        .sum();
    assert!(size < 120_000, "{size}");
    run(bench.scratch.path(), &["gc", "-q"]);
}

#[test]
fn names_cannot_forge_a_commit() {
    let bench = Bench::new();
    let parent = bench.tip();
    let tip = bench
        .branch
        .write(&parent, &[record("a<b>\nparent x\0", &[])])
        .expect("written");
    assert_eq!(
        bench.branch.publish(&parent, &tip, &[]).expect("published"),
        Published::Done
    );
    assert_eq!(
        run(bench.root(), &["log", "-1", "--format=%an"]),
        "abparent x"
    );
    run(bench.scratch.path(), &["fsck", "--strict"]);
}

#[test]
fn a_moved_branch_is_not_overwritten() {
    let bench = Bench::new();
    bench.checkpoint(&[("issues/1.md", Some("one\n"))]);
    let parent = bench.tip();
    let on_disk = bench.lay(&[("issues/2.md", Some("two\n"))]);
    let tip = bench
        .branch
        .write(&parent, &[record("a", &[("issues/2.md", Some("two\n"))])])
        .expect("written");
    // A person commits meanwhile.
    crate::git::testing::write(&bench.root().join("issues/1.md"), "mine\n");
    run(bench.root(), &["commit", "-q", "-a", "-m", "by hand"]);
    assert_eq!(
        bench
            .branch
            .publish(&parent, &tip, &on_disk)
            .expect("no failure"),
        Published::Moved
    );
    assert!(
        !bench
            .branch
            .common
            .join("worktrees/ghp/index.lock")
            .exists()
    );
    assert_eq!(bench.status(), "?? issues/2.md");
    assert_eq!(
        bench.checkpoint(&[("issues/2.md", Some("two\n"))]),
        Published::Done
    );
    assert_eq!(bench.status(), "");
    assert_eq!(
        run(bench.root(), &["log", "--format=%an"])
            .lines()
            .collect::<Vec<_>>(),
        ["worker-1", "Ann", "worker-1", "ghp"]
    );
    assert_eq!(bench.kept(), 0);
}

#[test]
fn a_persons_git_at_work_puts_it_off() {
    let bench = Bench::new();
    let lock = bench.branch.common.join("worktrees/ghp/index.lock");
    for theirs in ["", "DIRC of a person"] {
        crate::git::testing::write(&lock, theirs);
        bench.branch.sweep().expect("swept");
        assert_eq!(
            bench.checkpoint(&[("issues/1.md", Some("one\n"))]),
            Published::Busy
        );
        assert!(lock.exists(), "a person's lock is not ours to remove");
    }
    fs::remove_file(&lock).expect("removed");
    assert_eq!(
        bench.checkpoint(&[("issues/1.md", Some("one\n"))]),
        Published::Done
    );

    run(bench.root(), &["checkout", "-q", "--detach"]);
    let detached = || bench.branch.detached().expect("readable");
    assert_eq!(detached(), Some(format!("commit {}", &bench.tip()[..12])));
    assert_eq!(
        bench.checkpoint(&[("issues/1.md", Some("three\n"))]),
        Published::Busy
    );
    run(bench.root(), &["switch", "-q", "-c", "side"]);
    assert_eq!(detached(), Some("branch side".to_owned()));
    run(bench.root(), &["switch", "-q", "ghp"]);
    assert_eq!(detached(), None);
    assert_eq!(bench.branch.busy().expect("readable"), None);
}

#[test]
fn a_merge_or_rebase_is_waited_for() {
    let bench = Bench::new();
    bench.checkpoint(&[("issues/1.md", Some("one\n"))]);
    run(bench.root(), &["branch", "side"]);
    bench.checkpoint(&[("issues/1.md", Some("two\n"))]);
    run(bench.root(), &["switch", "-q", "side"]);
    crate::git::testing::write(&bench.root().join("issues/1.md"), "three\n");
    run(bench.root(), &["commit", "-q", "-a", "-m", "side"]);
    run(bench.root(), &["switch", "-q", "ghp"]);
    for (start, word) in [("merge", "merge"), ("rebase", "rebase")] {
        assert!(!succeeds(bench.root(), &[start, "side"]));
        let why = bench.branch.busy().expect("readable").expect("busy");
        assert!(why.contains(word), "{why}");
        assert_eq!(bench.branch.detached().expect("readable"), None);
        assert_eq!(
            bench
                .branch
                .publish(&bench.tip(), &bench.tip(), &[])
                .expect("no failure"),
            Published::Busy
        );
        run(bench.root(), &[start, "--abort"]);
    }
}

#[test]
fn killed_between_index_and_branch_only_additions_show() {
    let bench = Bench::new();
    bench.checkpoint(&[("issues/1.md", Some("one\n"))]);
    let parent = bench.tip();
    let documents = [
        ("issues/1.md", Some("ONE\n")),
        ("issues/2.md", Some("two\n")),
    ];
    let on_disk = bench.lay(&documents);
    let tip = bench
        .branch
        .write(&parent, &[record("a", &documents)])
        .expect("written");
    // As publish goes, up to the kill: the locks stay, the branch has not moved.
    let admin = bench.branch.admin().expect("readable").expect("linked");
    let lock = IndexLock::take(&admin, &bench.branch.common, &tip)
        .expect("no failure")
        .expect("taken");
    bench
        .branch
        .replace_index(&admin, &tip, &on_disk)
        .expect("replaced");
    std::mem::forget(lock);
    let branch_lock = bench.branch.common.join("refs/heads/ghp.lock");
    crate::git::testing::write(&branch_lock, &format!("{tip}\n"));
    crate::git::testing::write(&admin.join("index.checkpoint.lock"), "half");
    assert_eq!(bench.status(), "M  issues/1.md\nA  issues/2.md");
    assert_eq!(bench.kept(), 1);

    bench.branch.sweep().expect("swept");
    assert!(
        !admin.join("index.lock").exists()
            && !branch_lock.exists()
            && !admin.join("index.checkpoint.lock").exists()
    );
    assert_eq!(bench.kept(), 0);
    assert_eq!(
        bench
            .branch
            .publish(&parent, &tip, &on_disk)
            .expect("no failure"),
        Published::Done
    );
    assert_eq!(bench.status(), "");
}

#[test]
fn a_repack_beside_us_throws_nothing_away() {
    let bench = Bench::new();
    let parent = bench.tip();
    let documents = [("issues/1.md", Some("one\n"))];
    let tip = bench
        .branch
        .write(&parent, &[record("a", &documents)])
        .expect("written");
    run(bench.scratch.path(), &["repack", "-q", "-a", "-d"]);
    run(bench.scratch.path(), &["prune", "--expire=now"]);
    run(bench.scratch.path(), &["gc", "-q", "--prune=now"]);
    let on_disk = bench.lay(&documents);
    assert_eq!(
        bench
            .branch
            .publish(&parent, &tip, &on_disk)
            .expect("no failure"),
        Published::Done
    );
    assert_eq!(bench.kept(), 0);
    run(bench.scratch.path(), &["gc", "-q", "--prune=now"]);
    run(bench.scratch.path(), &["fsck", "--strict"]);
    assert_eq!(bench.status(), "");
}

#[test]
fn what_was_never_written_is_never_published() {
    let bench = Bench::new();
    let parent = bench.tip();
    assert!(bench.branch.publish(&parent, &"1".repeat(40), &[]).is_err());
    assert_eq!(bench.tip(), parent);
    assert!(
        !bench
            .branch
            .common
            .join("worktrees/ghp/index.lock")
            .exists()
    );
}

#[test]
fn a_split_index_is_made_anew() {
    let bench = Bench::new();
    bench.checkpoint(&[("issues/1.md", Some("one\n"))]);
    run(bench.root(), &["update-index", "--split-index"]);
    assert_eq!(
        bench.checkpoint(&[("issues/2.md", Some("two\n"))]),
        Published::Done
    );
    assert_eq!(bench.status(), "");
}

#[test]
fn a_document_that_differs_shows_as_changed_and_a_quiet_one_does_not() {
    let bench = Bench::new();
    let mut on_disk = bench.lay(&[("issues/1.md", Some("mine\n"))]);
    let parent = bench.tip();
    let recorded = [("issues/1.md", Some("ours\n"))];
    let tip = bench
        .branch
        .write(&parent, &[record("a", &recorded)])
        .expect("written");
    on_disk[0].blob = Some(BlobId::of(b"ours\n"));
    on_disk[0].stat = None;
    assert_eq!(
        bench
            .branch
            .publish(&parent, &tip, &on_disk)
            .expect("no failure"),
        Published::Done
    );
    assert_eq!(bench.status(), " M issues/1.md");
    // A stat that is no longer the file's counts as none.
    let mut on_disk = bench.lay(&recorded);
    bench.lay(&[("issues/1.md", Some("mine\n"))]);
    on_disk[0].blob = Some(BlobId::of(b"ours\n"));
    assert_eq!(
        bench
            .branch
            .publish(&tip, &tip, &on_disk)
            .expect("no failure"),
        Published::Done
    );
    assert_eq!(bench.status(), " M issues/1.md");
}

#[test]
fn hooks_of_the_code_do_not_run() {
    let bench = Bench::new();
    for hook in ["pre-commit", "reference-transaction", "post-commit"] {
        let path = bench.branch.common.join("hooks").join(hook);
        crate::git::testing::write(&path, "#!/bin/sh\nexit 1\n");
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        fs::set_permissions(&path, mode).expect("executable");
    }
    assert_eq!(
        bench.checkpoint(&[("issues/1.md", Some("one\n"))]),
        Published::Done
    );
}
