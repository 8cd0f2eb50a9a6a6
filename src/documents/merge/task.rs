//! tasks/ID.md merged by meaning: the furthest stage wins, receipts and replies come together, and of two answers none is
//! lost.

use super::pages;
use crate::documents::front_matter::Malformed;
use crate::documents::markdown::{before_section, headings, section, with_section};
use crate::documents::paged::Paged;
use crate::documents::remark;
use crate::documents::task::ANSWER;
use crate::documents::waiting::{REPLIES, with_reply};
use crate::domain::task::{Status, Task};
use crate::domain::time::Timestamp;
use crate::domain::waiting::Waits as _;

/// Merges two descendants of `base` (empty: there is none) of this task. An answer wins over everything, then the later
/// attempt, then the further stage. Which side is called ours makes no difference.
///
/// # Errors
/// A side cannot be read, or both changed the prompt, each in its own way: that is a person's to settle.
pub fn merge_task(id: &str, base: &str, ours: &str, theirs: &str) -> Result<String, Malformed> {
    pages(id, [base, ours, theirs], both_changed)
}

fn both_changed([base, ours, theirs]: [&Paged<Task>; 3]) -> Result<String, Malformed> {
    let our_turn = match (stage(ours) == stage(base), stage(theirs) == stage(base)) {
        (true, false) => false,
        (false, true) => true,
        _ => (stage(ours), &ours.core.body) >= (stage(theirs), &theirs.core.body),
    };
    let (winner, other) = if our_turn {
        (ours, theirs)
    } else {
        (theirs, ours)
    };
    let mut merged = Paged::merged(base, ours, theirs)?;
    follow(&mut merged, winner);
    merged.delivered_at = receipt(winner, other, |task| task.delivered_at);
    merged.working_at = receipt(winner, other, |task| task.working_at);
    if !winner.is_open() {
        merged.collected_at = earliest(ours.collected_at, theirs.collected_at);
    }
    merged.core.body = body(base, winner, other)?;
    Ok(merged.render())
}

/// What makes one side's stage win over the other's.
fn stage(task: &Task) -> impl Ord + use<> {
    let rank = match task.status {
        Status::Queued => 0,
        Status::Blocked => 1,
        Status::Delivered => 2,
        Status::Working => 3,
        Status::Failed => 4,
        Status::Cancelled => 5,
        Status::Done => 6,
    };
    // Of two answers the first one counts.
    let settled = std::cmp::Reverse(task.core.decided_at.unwrap_or(Timestamp::from_seconds(0)));
    let is_done = task.status == Status::Done;
    let attempts = if is_done { 0 } else { task.attempts };
    let texts = (task.answer.clone(), task.agent.clone(), task.why.clone());
    (is_done, attempts, rank, settled, texts)
}

/// Everything that belongs to the stage.
fn follow(merged: &mut Task, winner: &Task) {
    merged.status = winner.status;
    merged.attempts = winner.attempts;
    merged.agent.clone_from(&winner.agent);
    merged.route.clone_from(&winner.route);
    merged.why.clone_from(&winner.why);
    merged.queued_at = winner.queued_at;
    merged.collected_at = winner.collected_at;
    merged.attachments.clone_from(&winner.attachments);
    merged.answer.clone_from(&winner.answer);
    merged.core.decided_at = winner.core.decided_at;
    merged.core.by.clone_from(&winner.core.by);
}

/// A receipt of this attempt, from whichever side has it; the earlier where both do.
fn receipt(winner: &Task, other: &Task, of: fn(&Task) -> Option<Timestamp>) -> Option<Timestamp> {
    let is_same = winner.attempts == other.attempts && winner.agent == other.agent;
    let theirs = of(other).filter(|_| is_same && winner.status != Status::Queued);
    earliest(of(winner), theirs)
}

fn earliest(one: Option<Timestamp>, other: Option<Timestamp>) -> Option<Timestamp> {
    one.into_iter().chain(other).min()
}

/// The winner's text with what only the other one says.
fn body(base: &Task, winner: &Task, other: &Task) -> Result<String, Malformed> {
    let prompt = |task: &Task| {
        let body = &task.core.body;
        let first = headings(body).first().copied();
        first
            .map_or(body.as_str(), |first| before_section(body, first))
            .trim()
            .to_owned()
    };
    let [before, won, lost] = [base, winner, other].map(prompt);
    if won != before && lost != before && won != lost {
        return Err(Malformed {
            line: 1,
            column: 1,
            what: "both sides changed the prompt".to_owned(),
        });
    }
    let mut body = winner.core.body.clone();
    if won == before && lost != before {
        body = format!("{lost}\n\n{}", body.trim_start()[won.len()..].trim_start());
    }
    let mut replies = entries(&body);
    let known = replies.len();
    replies.extend(entries(&other.core.body));
    replies.sort();
    replies.dedup();
    if replies.len() > known {
        let section = section(&body, REPLIES).unwrap_or_default();
        let first = section.find("### ").unwrap_or(section.len());
        let texts = replies.iter().map(|(_, entry)| entry.as_str());
        let texts: Vec<&str> = [section[..first].trim_end()]
            .into_iter()
            .chain(texts)
            .collect();
        body = with_section(&body, REPLIES, texts.join("\n\n").trim_start());
    }
    let second = other
        .answer
        .as_ref()
        .filter(|answer| winner.answer.as_ref() != Some(answer));
    if let Some(second) = second {
        let by = other
            .core
            .by
            .as_deref()
            .or(other.agent.as_deref())
            .unwrap_or("somebody");
        let at = other.core.decided_at.unwrap_or(Timestamp::from_seconds(0));
        let said = format!("Another answer, given at the same time elsewhere:\n\n{second}");
        // Merged twice, it is there once.
        if !replies.contains(&(at, remark::entry(by, at, &said))) {
            body = with_reply(&body, by, at, &said);
        }
    }
    debug_assert!(winner.answer.is_none() || section(&body, ANSWER).is_some());
    Ok(body)
}

/// What was said below it, each with its time.
fn entries(body: &str) -> Vec<(Timestamp, String)> {
    let all = remark::all(section(body, REPLIES).unwrap_or_default());
    let entry = |said: &remark::Remark<'_>| (said.at, remark::entry(said.by, said.at, said.text));
    all.iter().map(entry).collect()
}

#[cfg(test)]
mod tests {
    use super::super::page_id;
    use super::*;

    const ID: &str = "2026-01-25-plan-it-q7mt";
    const BASE: &str = "---\ntitle: Plan it\nstatus: delivered\nfrom: lead\nto: planning\nmood: calm # today\nagent: planning-1\n\
                        attempts: 1\ndeliveredAt: 2026-01-25T10:30:00Z\n---\n\nPlan it.\n\n## Replies\n\n## Answer\n";

    fn side(change: impl Fn(&mut Paged<Task>)) -> String {
        let mut task = Paged::<Task>::parse(ID, BASE).expect("a task");
        change(&mut task);
        task.render()
    }

    #[track_caller]
    fn merge(ours: &str, theirs: &str) -> Paged<Task> {
        let merged = merge_task(ID, BASE, ours, theirs).expect("merged");
        let turned = merge_task(ID, BASE, theirs, ours).expect("merged");
        assert_eq!(merged, turned, "whichever side is ours");
        assert!(merged.contains("mood: calm # today"), "{merged}");
        Paged::parse(ID, &merged).expect("a task")
    }

    fn at(minute: i64) -> Timestamp {
        Timestamp::from_seconds(1_769_337_000 + 60 * minute)
    }

    fn done(answer: &str, minute: i64) -> String {
        side(|task| {
            task.acknowledge(at(minute));
            task.finish("planning-1", answer, &[], at(minute))
                .expect("open");
        })
    }

    #[test]
    fn the_furthest_stage_wins_and_receipts_come_together() {
        let working = side(|task| assert!(task.acknowledge(at(1))));
        let cancelled = side(|task| {
            task.withdraw("lead", Some("not now"), at(2)).expect("open");
        });
        let retried = side(|task| {
            task.retry(at(3)).expect("open");
            task.hand_over("planning-2", at(4));
        });
        let merged = merge(&working, &cancelled);
        assert_eq!(
            (merged.status, merged.working_at),
            (Status::Cancelled, Some(at(1)))
        );
        let merged = merge(&working, &retried);
        assert_eq!(merged.agent.as_deref(), Some("planning-2"));
        assert_eq!((merged.attempts, merged.working_at), (2, None));
        // An answer is never lost to what somebody else decided meanwhile.
        for other in [&working, &cancelled, &retried] {
            let merged = merge(&done("The plan", 5), other);
            assert_eq!(merged.answer.as_deref(), Some("The plan"));
            assert_eq!(
                (merged.status, merged.core.by.as_deref()),
                (Status::Done, Some("planning-1"))
            );
        }
    }

    #[test]
    fn of_two_answers_the_first_counts_and_the_other_is_kept() {
        let merged = merge(&done("First", 5), &done("Second\n\n## Answer\nx", 6));
        assert_eq!(merged.answer.as_deref(), Some("First"));
        let body = &merged.core.body;
        assert!(
            body.contains("Another answer, given at the same time elsewhere:"),
            "{body}"
        );
        assert!(
            body.contains("Second") && body.matches("\n## Answer").count() == 1,
            "{body}"
        );
        // Merged again with either side, nothing more comes of it.
        let text = merged.render();
        let again =
            merge_task(ID, BASE, &text, &done("Second\n\n## Answer\nx", 6)).expect("merged");
        assert_eq!(again, text);
    }

    #[test]
    fn what_was_said_on_both_sides_is_there_once() {
        let reply = |by: &str, minute, text: &str| {
            side(|task| task.core.body = with_reply(&task.core.body, by, at(minute), text))
        };
        let ours = reply("lead", 1, "Which page?");
        let theirs = reply("planning-1", 2, "The settings page");
        let merged = merge(&ours, &theirs);
        assert_eq!(merged.core.body.matches("Which page?").count(), 1);
        assert_eq!(merged.core.body.matches("The settings page").count(), 1);
        let text = merged.render();
        assert_eq!(merge_task(ID, BASE, &text, &theirs).expect("merged"), text);
    }

    #[test]
    fn a_prompt_that_both_changed_is_a_persons_to_settle() {
        let prompt = |text: &str| BASE.replace("Plan it.\n", text);
        let one = prompt("Plan it well.\n");
        let merged = merge_task(ID, BASE, &one, &done("The plan", 1)).expect("merged");
        assert!(
            merged.contains("\n\nPlan it well.\n\n") && merged.contains("The plan"),
            "{merged}"
        );
        let error = merge_task(ID, BASE, &one, &prompt("Plan it fast.\n")).expect_err("both");
        assert_eq!(error.what, "both sides changed the prompt");
        let id = page_id::<Task>;
        assert_eq!(id("tasks/2026-01-25-plan-it-q7mt.md"), Some(ID));
        assert_eq!(id("tasks/../x.md"), None);
    }
}
