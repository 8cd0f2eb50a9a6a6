use super::*;
use crate::git::place;
use crate::git::testing::{Scratch, run};

const INSTEAD: &str = "ghp start 3 --worktree";

fn wanted(branch: &'static str) -> Wanted<'static> {
    Wanted {
        issue: Some(3),
        branch,
        main: "main",
        agent: "worker-1",
        is_caller: false,
        instead: Some(INSTEAD),
    }
}

fn scratch() -> (Scratch, Place) {
    let scratch = Scratch::new();
    run(scratch.path(), &["init", "-q", "-b", "main", "app"]);
    let app = scratch.path().join("app");
    run(&app, &["commit", "-q", "--allow-empty", "-m", "one"]);
    fs::create_dir(app.join(".git/ghp")).expect("a folder");
    let place = place::find(&app).expect("a repository");
    (scratch, place)
}

fn branches(place: &Place) -> String {
    run(&place.common, &["branch", "--format=%(refname:short)"])
}

#[test]
fn in_place_and_back() {
    let (_scratch, place) = scratch();
    let before = run(&place.common, &["config", "--list", "--local"]);
    let prepared = here(&place, wanted("worker-1/3-x")).expect("prepared");
    assert!(prepared.created && prepared.changed && !prepared.is_new_worktree);
    assert_eq!(place.head().expect("a head").branch(), Some("worker-1/3-x"));
    assert_eq!(
        (
            place.label().as_deref(),
            issue_of(&place, "worker-1/3-x").expect("a note")
        ),
        (Some("worker-1"), Some(3))
    );
    assert!(!here(&place, wanted("worker-1/3-x")).expect("again").changed);
    assert!(matches!(
        here(
            &place,
            Wanted {
                agent: "worker-2",
                ..wanted("y")
            }
        ),
        Err(CheckoutError::Labelled { .. })
    ));
    assert!(matches!(
        here(
            &place,
            Wanted {
                issue: Some(4),
                ..wanted("worker-1/3-x")
            }
        ),
        Err(CheckoutError::OtherIssue { other: 3, .. })
    ));
    assert_eq!(prepared.undo(), [] as [&str; 0]);
    assert_eq!(
        (place.head().expect("a head").branch(), place.label()),
        (Some("main"), None)
    );
    assert_eq!(
        (
            branches(&place).as_str(),
            run(&place.common, &["config", "--list", "--local"])
        ),
        ("main", before)
    );
}

#[test]
fn uncommitted_work_is_left_alone() {
    let (scratch, place) = scratch();
    scratch.write("app/draft", "mine");
    let refused = here(&place, wanted("x")).expect_err("unclean");
    assert!(
        matches!(refused, CheckoutError::Unclean { .. })
            && crate::error::Explain::next(&refused).as_deref() == Some(INSTEAD)
    );
    assert_eq!(branches(&place), "main");
    let prepared = in_worktree(&place, &scratch.path().join("caves/worker-1"), wanted("x"))
        .expect("beside it");
    assert_eq!(prepared.place.label().as_deref(), Some("worker-1"));
    assert_eq!(place.label(), None);
}

#[test]
fn a_worktree_and_back() {
    let (scratch, place) = scratch();
    let cave = scratch.path().join("app.caves/worker-1");
    let prepared = in_worktree(&place, &cave, wanted("worker-1/3-x")).expect("prepared");
    assert!(prepared.created && prepared.is_new_worktree);
    scratch.write("app.caves/worker-1/.env", "copied");
    assert!(
        !in_worktree(&place, &cave, wanted("worker-1/3-x"))
            .expect("again")
            .changed
    );
    assert!(matches!(
        here(&place, wanted("worker-1/3-x")),
        Err(CheckoutError::Elsewhere { .. })
    ));
    assert_eq!(prepared.undo(), [] as [&str; 0]);
    assert!(!cave.exists() && !scratch.path().join("app.caves").exists());
    assert_eq!(branches(&place), "main");
}

#[test]
fn what_stands_in_the_way_stays() {
    let (scratch, place) = scratch();
    run(&place.common, &["branch", "worker-1"]);
    assert!(matches!(
        here(&place, wanted("worker-1/3-x")),
        Err(CheckoutError::InTheWay { .. })
    ));
    assert!(matches!(
        here(
            &place,
            Wanted {
                main: "trunk",
                ..wanted("x")
            }
        ),
        Err(CheckoutError::NoMain { head: Some(_), .. })
    ));
    assert!(matches!(
        here(&place, wanted("--orphan")),
        Err(CheckoutError::BadName { .. })
    ));
    assert!(matches!(
        here(&place, wanted("ghp")),
        Err(CheckoutError::BadName { .. })
    ));
    scratch.write("taken/notes", "mine");
    assert!(matches!(
        in_worktree(&place, &scratch.path().join("taken"), wanted("x")),
        Err(CheckoutError::Occupied { .. })
    ));
    assert_eq!(scratch.read("taken/notes"), "mine");
    assert_eq!(place.label(), None);
}

#[test]
fn work_on_the_branch_survives_taking_back() {
    let (_scratch, place) = scratch();
    let prepared = here(&place, wanted("x")).expect("prepared");
    run(
        place.worktree.as_deref().expect("a worktree"),
        &["commit", "-q", "--allow-empty", "-m", "work"],
    );
    assert_eq!(prepared.undo(), [] as [&str; 0]);
    assert_eq!(branches(&place), "main\nx");
}

#[test]
fn a_former_holder_loses_the_branch_and_nothing_else() {
    let (scratch, place) = scratch();
    let (old, new) = (
        scratch.path().join("caves/worker-1"),
        scratch.path().join("caves/worker-2"),
    );
    in_worktree(&place, &old, wanted("x")).expect("prepared");
    scratch.write("caves/worker-1/draft", "mine");
    let prepared = in_worktree(
        &place,
        &new,
        Wanted {
            agent: "worker-2",
            ..wanted("x")
        },
    )
    .expect("prepared");
    let there = place::find(&old).expect("a worktree");
    assert_eq!(
        (
            prepared.detached.as_deref(),
            there.head().expect("a head").branch()
        ),
        (Some(old.as_path()), None)
    );
    assert_eq!(scratch.read("caves/worker-1/draft"), "mine");
    assert_eq!(prepared.undo(), [] as [&str; 0]);
    assert_eq!(there.head().expect("a head").branch(), Some("x"));
}
