use std::path::Path;

use super::*;
use crate::git::place;
use crate::git::testing::{Scratch, run, succeeds, write_bytes};

/// A repository with worktrees `a` and `b` beside it, each on a branch of its name; thirty lines in every file.
fn two() -> Scratch {
    let scratch = Scratch::new();
    run(scratch.path(), &["init", "-q", "-b", "main", "app"]);
    for name in ["one", "two", "three"] {
        scratch.write(&format!("app/{name}"), &lines(name, &[]));
    }
    write_bytes(&scratch.path().join("app/blob"), b"\0\x01");
    commit(&scratch, "app");
    for name in ["a", "b"] {
        let words = ["worktree", "add", "-q", "-b", name, &format!("../{name}")];
        run(&scratch.path().join("app"), &words);
    }
    scratch
}

fn lines(name: &str, changed: &[u32]) -> String {
    let line = |number: u32| {
        let mark = if changed.contains(&number) {
            " changed"
        } else {
            ""
        };
        format!("{name} {number}{mark}\n")
    };
    (1..=30).map(line).collect()
}

fn commit(scratch: &Scratch, at: &str) {
    let at = scratch.path().join(at);
    run(&at, &["add", "-A"]);
    run(&at, &["commit", "-q", "-m", "work"]);
}

fn works(scratch: &Scratch) -> Vec<Work> {
    let work = |name: &str| Work {
        branch: Some(name.to_owned()),
        worktree: Some(scratch.path().join(name)),
    };
    vec![work("a"), work("b")]
}

fn seen(scratch: &Scratch, works: &[Work]) -> Sight {
    let place = place::find(&scratch.path().join("app")).expect("a repository");
    look(&place, "main", works, &[(0, 1)]).expect("a look")
}

type Short = (Option<usize>, String, Kind, Vec<(u32, u32)>);

fn short(clashes: &[Clash]) -> Vec<Short> {
    clashes
        .iter()
        .map(|clash| {
            let ranges = clash.ranges.iter().map(|lines| (lines.start, lines.end));
            (
                clash.second,
                clash.path.clone(),
                clash.kind,
                ranges.collect(),
            )
        })
        .collect()
}

fn of_pair(path: &str, kind: Kind, ranges: &[(u32, u32)]) -> Short {
    (Some(1), path.to_owned(), kind, ranges.to_vec())
}

/// Every kind of conflict between `a` and `b`, and changes of both that do not clash.
fn quarrel(scratch: &Scratch) {
    let put = |path: &str, text: &str| scratch.write(path, text);
    let git = |at: &str, words: &[&str]| run(&scratch.path().join(at), words);
    put(
        "a/one",
        &(String::from("first\n") + &lines("one", &[5, 6, 20])),
    );
    put("b/one", &lines("one", &[6, 26]));
    git("a", &["mv", "two", "to-a"]);
    git("b", &["mv", "two", "to-b"]);
    git("a", &["rm", "-q", "three"]);
    put("b/three", &lines("three", &[9]));
    write_bytes(&scratch.path().join("a/blob"), b"\0\x02");
    write_bytes(&scratch.path().join("b/blob"), b"\0\x03");
    for (name, text) in [("a", "1\n2\n"), ("b", "1\n3\n")] {
        put(&format!("{name}/new"), text);
        put(&format!("{name}/tool"), "run\n");
    }
    git("b", &["add", "tool"]);
    git("b", &["update-index", "--chmod=+x", "tool"]);
    let tool = scratch.path().join("b/tool");
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(tool, mode).expect("a mode");
}

fn every_kind() -> Vec<Short> {
    vec![
        of_pair("blob", Kind::Binary, &[]),
        of_pair("new", Kind::AddAdd, &[(2, 2)]),
        of_pair("one", Kind::Content, &[(6, 7)]),
        of_pair("three", Kind::DeleteModify, &[]),
        of_pair("tool", Kind::Mode, &[]),
        of_pair("two", Kind::Rename, &[]),
    ]
}

#[test]
fn every_kind_committed_or_not() {
    let scratch = two();
    quarrel(&scratch);
    let sight = seen(&scratch, &works(&scratch));
    assert_eq!(short(&sight.clashes), every_kind());
    assert!(sight.uncommitted[0].contains("to-a") && sight.uncommitted[1].contains("new"));
    commit(&scratch, "a");
    let sight = seen(&scratch, &works(&scratch));
    assert_eq!(short(&sight.clashes), every_kind());
    assert!(sight.uncommitted[0].is_empty() && !sight.uncommitted[1].is_empty());
    commit(&scratch, "b");
    let branches = ["a", "b"].map(|name| Work {
        branch: Some(name.to_owned()),
        worktree: None,
    });
    assert_eq!(short(&seen(&scratch, &branches).clashes), every_kind());
}

#[test]
fn without_the_program_libgit2_sees_the_same() {
    let scratch = two();
    quarrel(&scratch);
    let place = place::find(&scratch.path().join("app")).expect("a repository");
    let aside = Aside::beside(&place.common);
    let taken = snapshot::all(&aside, &works(&scratch));
    let tips = [[
        taken[0].tip.expect("a commit"),
        taken[1].tip.expect("a commit"),
    ]];
    let files = |merged: Vec<Vec<Unsettled>>| -> Vec<(Vec<u8>, _)> {
        merged[0]
            .iter()
            .map(|file| (file.path.clone(), file.stages))
            .collect()
    };
    let ours = program::merge(&place, &aside, &tips)
        .expect("a merge")
        .expect("a new git");
    let theirs = library::merge(&place, &aside, &tips).expect("a merge");
    let mut expected = files(ours);
    // Two modes of one new file are no conflict to libgit2.
    expected.retain(|(path, _)| path != b"tool");
    assert_eq!(expected, files(theirs));
}

#[test]
fn a_rename_meets_an_edit() {
    let scratch = two();
    run(&scratch.path().join("a"), &["mv", "one", "uno"]);
    scratch.write("b/one", &lines("one", &[4]));
    // Git carries the edit over to the new name.
    assert_eq!(short(&seen(&scratch, &works(&scratch)).clashes), []);
    scratch.write("a/uno", &lines("one", &[4, 5]));
    let clashes = seen(&scratch, &works(&scratch)).clashes;
    assert_eq!(short(&clashes), [of_pair("uno", Kind::Rename, &[(4, 5)])]);
}

#[test]
fn a_file_and_a_folder_of_one_name() {
    let scratch = two();
    std::fs::remove_file(scratch.path().join("a/one")).expect("removed");
    scratch.write("a/one/deep", "x\n");
    scratch.write("b/one", &lines("one", &[1]));
    let clashes = short(&seen(&scratch, &works(&scratch)).clashes);
    assert!(
        clashes.iter().any(|(_, path, ..)| path == "one"),
        "{clashes:?}"
    );
    // And back: a folder becomes a file.
    commit(&scratch, "a");
    std::fs::remove_dir_all(scratch.path().join("a/one")).expect("removed");
    scratch.write("a/one", &lines("one", &[1, 2]));
    let clashes = short(&seen(&scratch, &works(&scratch)).clashes);
    assert_eq!(clashes, [of_pair("one", Kind::Content, &[(1, 2)])]);
}

#[test]
fn a_branch_behind_main_quarrels_with_main_alone() {
    let scratch = two();
    scratch.write("a/one", &lines("one", &[3]));
    commit(&scratch, "a");
    scratch.write("app/one", &"other\n".repeat(30));
    commit(&scratch, "app");
    run(&scratch.path().join("b"), &["merge", "-q", "main"]);
    scratch.write("b/two", &lines("two", &[3]));
    scratch.write("a/two", &lines("two", &[3]));
    let clashes = short(&seen(&scratch, &works(&scratch)).clashes);
    assert_eq!(
        clashes,
        [(None, "one".to_owned(), Kind::Content, vec![(3, 3)])]
    );
    scratch.write("a/two", &lines("two", &[4]));
    let clashes = short(&seen(&scratch, &works(&scratch)).clashes);
    assert_eq!(clashes[0], of_pair("two", Kind::Content, &[(4, 4)]));
    assert_eq!((clashes.len(), clashes[1].0), (2, None));
}

#[test]
fn in_the_middle_of_a_merge() {
    let scratch = two();
    scratch.write("a/one", &lines("one", &[3]));
    commit(&scratch, "a");
    scratch.write("app/one", &lines("one", &[3, 4]));
    scratch.write("app/two", &lines("two", &[9]));
    commit(&scratch, "app");
    let a = scratch.path().join("a");
    assert!(!succeeds(&a, &["merge", "-q", "main"]));
    scratch.write("b/one", &lines("one", &[3, 5]));
    scratch.write("b/two", &lines("two", &[10]));
    let sight = seen(&scratch, &works(&scratch));
    // What main brings into `a` is main's: `two` is a matter between `b` and main.
    let paths: Vec<_> = short(&sight.clashes)
        .into_iter()
        .map(|it| (it.0, it.1))
        .collect();
    let expected = [(Some(1), "one"), (None, "one"), (None, "two")];
    assert_eq!(
        paths,
        expected.map(|(second, path)| (second, path.to_owned()))
    );
    assert_eq!(sight.uncommitted[0], BTreeSet::from(["one".to_owned()]));
}

/// What nobody may find changed: objects, refs, indexes and files.
fn facts(scratch: &Scratch) -> Vec<String> {
    let mut facts = vec![run(&scratch.path().join("app"), &["count-objects", "-v"])];
    for (at, git_dir) in [("app", ""), ("a", "worktrees/a"), ("b", "worktrees/b")] {
        let index = scratch.path().join("app/.git").join(git_dir).join("index");
        facts.push(format!("{:?}", std::fs::read(index).expect("an index")));
        facts.push(run(
            &scratch.path().join(at),
            &["--no-optional-locks", "status", "--porcelain=v2"],
        ));
    }
    facts.push(run(&scratch.path().join("app"), &["for-each-ref"]));
    facts
}

#[test]
fn nothing_is_touched_and_nothing_stays() {
    let scratch = two();
    quarrel(&scratch);
    let before = facts(&scratch);
    let sight = seen(&scratch, &works(&scratch));
    let (patch, cut) = sight
        .patch(0, &BTreeSet::from(["two".to_owned()]), 3)
        .expect("a patch");
    assert!(patch.contains("rename to to-a") || cut, "{patch}");
    let left = sight
        .aside
        .as_ref()
        .expect("a store")
        .objects()
        .expect("a folder");
    assert!(left.is_dir());
    drop(sight);
    assert!(!left.exists());
    assert_eq!(facts(&scratch), before);
}

#[test]
fn what_is_not_there_or_too_large() {
    let scratch = two();
    scratch.write("a/one", &lines("one", &[1]));
    scratch.write("b/one", &lines("one", &[1, 2]));
    let large = std::fs::File::create(scratch.path().join("a/large")).expect("a file");
    large.set_len(9 << 20).expect("a large file");
    std::os::unix::fs::symlink("/etc/passwd", scratch.path().join("a/two2")).expect("a link");
    let sight = seen(&scratch, &works(&scratch));
    assert_eq!(sight.clashes.len(), 1);
    assert_eq!(sight.left_out.len(), 1);
    let two2 = BTreeSet::from(["two2".to_owned()]);
    let (patch, _) = sight.patch(0, &two2, 50).expect("a patch");
    assert!(
        patch.contains("+/etc/passwd") && !patch.contains("root:"),
        "{patch}"
    );
    // An index that cannot be read hides what is not committed, and nothing else.
    scratch.write("app/.git/worktrees/b/index", "no index");
    let sight = seen(&scratch, &works(&scratch));
    assert_eq!((sight.clashes.len(), sight.left_out.len()), (0, 2));
    let nowhere = Work {
        branch: Some("gone".into()),
        worktree: Some(Path::new("/nowhere").into()),
    };
    let sight = seen(&scratch, &[works(&scratch).remove(0), nowhere]);
    assert_eq!(short(&sight.clashes), []);
}

/// Two texts that come of one by changes here and there, so that many clash and many do not.
fn versions(seed: u64) -> [String; 3] {
    let mut random = fastrand::Rng::with_seed(seed);
    let base: Vec<String> = (0..12).map(|number| format!("line {number}")).collect();
    let mut changed = || {
        let mut lines = base.clone();
        for _ in 0..2 {
            let at = random.usize(..lines.len());
            match random.u8(..3) {
                0 => lines[at] = format!("new {}", random.u8(..3)),
                1 => drop(lines.remove(at)),
                _ => lines.insert(at, format!("new {}", random.u8(..3))),
            }
        }
        lines.join("\n") + "\n"
    };
    let (one, other) = (changed(), changed());
    [base.join("\n") + "\n", one, other]
}

#[test]
fn file_by_file_or_by_trees_it_is_the_same() {
    let scratch = two();
    let all: Vec<_> = (0..150)
        .map(|seed| (format!("f{seed:03}"), versions(seed)))
        .collect();
    for (place, version) in [("app", 0), ("a", 1), ("b", 2)] {
        if place != "app" {
            run(
                &scratch.path().join(place),
                &["reset", "-q", "--hard", "main"],
            );
        }
        for (name, versions) in &all {
            scratch.write(&format!("{place}/{name}"), &versions[version]);
        }
        commit(&scratch, place);
    }
    let place = place::find(&scratch.path().join("app")).expect("a repository");
    let aside = Aside::beside(&place.common);
    let repository = aside.open().expect("a repository");
    let id = |name: &str| repository.revparse_single(name).expect(name).id();
    let tips = [id("a"), id("b")];
    let since = |tip| differences::between(&repository, id("main"), tip).expect("differences");
    let (ours, theirs) = (since(tips[0]), since(tips[1]));
    let own = |side: &Differences| side.keys().cloned().collect();
    let both = overlap(&own(&ours), &own(&theirs));
    let stands = |path: &str| theirs.get(path).and_then(|[_, after]| *after);
    let files = direct::files(&both, &ours, &ours, stands).expect("plain files");
    let sides: Vec<Sides> = files.iter().map(|(_, sides)| *sides).collect();
    let outcomes = direct::merge(&repository, &sides).expect("a merge");
    let (mut direct, mut contents) = (Vec::new(), Vec::new());
    for ((path, sides), outcome) in files.into_iter().zip(outcomes) {
        if let Some((kind, ranges)) = outcome {
            contents.push((path.clone().into_bytes(), sides.map(Some)));
            direct.push((path, kind, ranges));
        }
    }
    let mut trees = program::merge(&place, &aside, &[tips])
        .expect("a merge")
        .expect("a new git");
    let of_trees: Vec<_> = trees[0]
        .iter()
        .map(|it| {
            (
                it.path.clone(),
                it.stages.map(|stage| stage.map(|(_, id)| id)),
            )
        })
        .collect();
    assert_eq!(contents, of_trees);
    assert!((20..130).contains(&direct.len()), "{}", direct.len());
    let judge = Judge::new(&repository);
    let clashes = judge
        .clashes(trees.remove(0), &[id("main")], &both, true)
        .expect("a judgement");
    assert_eq!(direct, clashes);
    // Where lines clash, there are lines to show.
    for (path, kind, ranges) in clashes {
        assert!(
            kind == Kind::Content && !ranges.is_empty(),
            "{path} {kind:?} {ranges:?}"
        );
    }
}

/// The second look reads nothing and sees the same; one after a commit sees the commit, one after a change of the
/// attributes that change.
#[test]
fn what_is_remembered_is_what_is_there() {
    let scratch = two();
    scratch.write("app/.git/ghp/root", "");
    quarrel(&scratch);
    for name in ["a", "b"] {
        commit(&scratch, name);
    }
    let kept = scratch.path().join("app/.git/ghp/radar");
    let look = || short(&seen(&scratch, &works(&scratch)).clashes);
    let first = look();
    let written = std::fs::read(&kept).expect("a file");
    assert!(!first.is_empty());
    assert_eq!(look(), first);
    assert_eq!(std::fs::read(&kept).expect("a file"), written);
    std::fs::remove_file(&kept).expect("removed");
    assert_eq!(look(), first);
    run(
        &scratch.path().join("b"),
        &["reset", "-q", "--hard", "main"],
    );
    assert_eq!(look(), []);
    run(
        &scratch.path().join("b"),
        &["reset", "-q", "--hard", "b@{1}"],
    );
    assert_eq!(look(), first);
    scratch.write("app/.gitattributes", "* merge=union\n");
    let lines = |seen: Vec<Short>| {
        let content = seen
            .into_iter()
            .filter(|(_, _, kind, _)| *kind == Kind::Content);
        content.count()
    };
    assert!(lines(first) > 0);
    assert_eq!(lines(look()), 0);
}

#[test]
fn a_branch_on_top_of_another_is_no_quarrel() {
    let scratch = two();
    scratch.write("a/one", &lines("one", &[3]));
    commit(&scratch, "a");
    run(&scratch.path().join("b"), &["merge", "-q", "a"]);
    scratch.write("b/one", &lines("one", &[3, 4]));
    commit(&scratch, "b");
    assert_eq!(short(&seen(&scratch, &works(&scratch)).clashes), []);
    scratch.write("a/one", &lines("one", &[3]).replace("changed", "again"));
    let clashes = short(&seen(&scratch, &works(&scratch)).clashes);
    assert_eq!(clashes, [of_pair("one", Kind::Content, &[(3, 3)])]);
}

#[test]
fn attributes_hold() {
    let scratch = two();
    scratch.write("app/.gitattributes", "one merge=union\n");
    scratch.write("a/one", &lines("one", &[3]));
    scratch.write("b/one", &lines("one", &[3]).replace("changed", "otherwise"));
    assert_eq!(short(&seen(&scratch, &works(&scratch)).clashes), []);
}
