//! What is read from the index's file against what git says.

use super::*;
use crate::git::place;
use crate::git::testing::{Scratch, run, succeeds};

/// Asked both ways; whether git had to be asked.
fn staged(scratch: &Scratch) -> (BTreeSet<String>, bool) {
    let place = place::find(scratch.path()).expect("a repository");
    let staged = Staged::start(scratch.path(), &place).expect("it begins");
    let asked = matches!(staged, Staged::Asked { .. });
    (staged.paths().expect("an index"), asked)
}

/// What git says.
fn by_git(scratch: &Scratch) -> BTreeSet<String> {
    let out = compare(scratch.path(), "diff")
        .expect("git")
        .args(["--cached", "--"])
        .bytes();
    changes::listed(&out.expect("git compares"))
}

/// Holds that the file, read, says what git says.
fn agrees(scratch: &Scratch, when: &str) {
    let (paths, asked) = staged(scratch);
    assert!(!asked, "{when}: git was asked");
    assert_eq!(paths, by_git(scratch), "{when}");
}

#[test]
fn before_the_first_commit_and_after() {
    let scratch = Scratch::new();
    run(scratch.path(), &["init", "-q"]);
    assert_eq!(staged(&scratch), (BTreeSet::new(), true));
    scratch.write("a", "one\n");
    run(scratch.path(), &["add", "a"]);
    assert_eq!(staged(&scratch), (["a".to_owned()].into(), false));
    run(scratch.path(), &["commit", "-q", "-m", "one"]);
    assert_eq!(staged(&scratch), (BTreeSet::new(), false));
    run(scratch.path(), &["mv", "a", "b"]);
    assert_eq!(staged(&scratch).0, ["a".to_owned(), "b".to_owned()].into());
}

/// Some folders with files, committed.
fn folders() -> Scratch {
    let scratch = Scratch::repository();
    for folder in ["", "a/", "a/b/", "a.b/", "c/d/e/", "f/"] {
        for file in ["x", "y", "z-z"] {
            scratch.write(&format!("{folder}{file}"), &format!("{folder}{file}\n"));
        }
    }
    run(scratch.path(), &["add", "-A"]);
    run(scratch.path(), &["commit", "-q", "-m", "folders"]);
    scratch
}

#[test]
fn every_kind_of_change_in_every_version() {
    for version in ["2", "3", "4"] {
        let scratch = folders();
        let git = |words: &[&str]| run(scratch.path(), words);
        git(&["update-index", "--index-version", version]);
        agrees(&scratch, "nothing");
        scratch.write("a/b/x", "other\n");
        git(&["add", "a/b/x"]);
        agrees(&scratch, "one deep down");
        git(&["update-index", "--chmod=+x", "f/x"]);
        agrees(&scratch, "a mode");
        git(&["rm", "-q", "-r", "c"]);
        agrees(&scratch, "a folder gone");
        git(&["mv", "f", "g"]);
        agrees(&scratch, "a folder moved");
        git(&["rm", "-q", "-rf", "a/b"]);
        scratch.write("a/b", "a file in a folder's place\n");
        git(&["add", "a/b"]);
        agrees(&scratch, "a file for a folder");
        git(&["rm", "-q", "x"]);
        scratch.write("x/y/z", "a folder in a file's place\n");
        git(&["add", "x"]);
        agrees(&scratch, "a folder for a file");
        let head = run(scratch.path(), &["rev-parse", "HEAD"]);
        let module = format!("160000,{head},m/n");
        git(&["update-index", "--add", "--cacheinfo", &module]);
        agrees(&scratch, "a submodule");
        // git keeps version 3 for entries that need it: these do.
        git(&["update-index", "--skip-worktree", "y"]);
        agrees(&scratch, "an entry with more flags");
        git(&["commit", "-q", "-m", "all"]);
        agrees(&scratch, "committed");
        git(&["rm", "-q", "-r", "--cached", "."]);
        agrees(&scratch, "everything gone");
    }
}

#[test]
fn long_and_awkward_paths() {
    for version in ["2", "4"] {
        let scratch = Scratch::repository();
        scratch.write("x", "x\n");
        let blob = run(scratch.path(), &["hash-object", "-w", "x"]);
        run(
            scratch.path(),
            &[
                "update-index",
                "--force-write-index",
                "--index-version",
                version,
            ],
        );
        let folders = |count| vec!["d".repeat(99); count].join("/");
        for path in [
            "\u{fc}/\u{1f980}".to_owned(),
            "with space/and\ttab".to_owned(),
            // The flags hold lengths below 4,095.
            format!("{}/{}", folders(40), "e".repeat(94)),
            format!("{}/{}", folders(40), "f".repeat(95)),
            format!("{}/x", folders(45)),
        ] {
            let entry = format!("100644,{blob},{path}");
            run(
                scratch.path(),
                &["update-index", "--add", "--cacheinfo", &entry],
            );
        }
        agrees(&scratch, version);
        assert_eq!(staged(&scratch).0.len(), 5);
    }
}

#[test]
fn a_merge_with_conflicts() {
    let scratch = folders();
    let git = |words: &[&str]| run(scratch.path(), words);
    git(&["switch", "-q", "-c", "side"]);
    for (path, text) in [("x", "side\n"), ("a/x", "side\n"), ("new/s", "side\n")] {
        scratch.write(path, text);
    }
    git(&["add", "-A"]);
    git(&["commit", "-q", "-m", "side"]);
    git(&["switch", "-q", "-"]);
    scratch.write("x", "main\n");
    git(&["commit", "-q", "-am", "main"]);
    assert!(!succeeds(scratch.path(), &["merge", "-q", "side"]));
    let (paths, asked) = staged(&scratch);
    assert!(!asked);
    // What comes from the other side alone is no change of the merge's own.
    assert_eq!(paths, ["x".to_owned()].into());
}

#[test]
fn what_only_git_should_read() {
    for words in [
        &["update-index", "--split-index"][..],
        &["add", "-N", "intended"],
    ] {
        let scratch = folders();
        scratch.write("intended", "later\n");
        scratch.write("a/x", "other\n");
        run(scratch.path(), &["add", "a/x"]);
        run(scratch.path(), words);
        let (paths, asked) = staged(&scratch);
        assert!(asked, "{words:?}");
        assert_eq!(paths.contains("a/x"), by_git(&scratch).contains("a/x"));
    }
}

#[test]
fn folders_without_end_are_left_to_git() {
    let scratch = folders();
    let blob = run(scratch.path(), &["rev-parse", "HEAD:x"]);
    let entry = format!("100644,{blob},{}x", "d/".repeat(600));
    run(
        scratch.path(),
        &["update-index", "--add", "--cacheinfo", &entry],
    );
    assert_eq!(staged(&scratch), (by_git(&scratch), true));
}

#[test]
fn a_torn_index_is_none() {
    let scratch = folders();
    let file = scratch.path().join(".git/index");
    let whole = fs::read(&file).expect("an index");
    for version in [2_u8, 3, 4] {
        let mut bytes = whole.clone();
        bytes[7] = version;
        let count = IndexFile::read(&bytes).map(|index| index.all().len());
        for end in 0..bytes.len() {
            // What is left may be whole but for the parts behind the entries, which may be missing.
            let read = IndexFile::read(&bytes[..end]);
            assert!(
                read.is_none_or(|read| Some(read.all().len()) == count),
                "{end}"
            );
        }
        for at in 0..bytes.len() {
            let mut other = bytes.clone();
            other[at] ^= 0xff;
            // Whatever it says, reading it comes to an end.
            let _ = IndexFile::read(&other);
        }
    }
    let mut deep = b"DIRC\0\0\0\x02\0\0\0\0TREE".to_vec();
    let known = b"\0-1 1\n".repeat(100_000);
    deep.extend(u32::try_from(known.len()).expect("short").to_be_bytes());
    deep.extend(known);
    deep.extend([0; 20]);
    assert!(IndexFile::read(&deep).is_none());
}
