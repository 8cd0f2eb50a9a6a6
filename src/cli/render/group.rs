//! Groups, and everything about one agent.

use serde_json::Value;

use super::Report;
use crate::cli::screen::{Screen, Style};
use crate::commands::group::{
    Counts, Row, View, context, disband, edit, join, leave, list, log, peers, report, share, show,
};
use crate::commands::show_agent;
use crate::domain::agent::Liveness;
use crate::domain::time::span;
use crate::domain::waiting::tail;

impl Report for join::Report {
    fn text(&self, screen: &mut Screen) {
        let (agent, group) = (&self.agent, &self.group);
        let verb = if self.already { "is in" } else { "joined" };
        let from = self
            .left
            .as_deref()
            .map(|left| format!(", from {left}"))
            .unwrap_or_default();
        let members = match self.members.len() {
            1 => "1 member".to_owned(),
            many => format!("{many} members"),
        };
        let lead = match &self.coordinator {
            Some(coordinator) if coordinator == agent => format!("{agent} coordinates"),
            Some(coordinator) => format!("{coordinator} coordinates"),
            None => "nobody coordinates".to_owned(),
        };
        screen.line(&format!("{agent} {verb} {group}{from}: {members}, {lead}."));
    }

    fn quiet(&self) -> Option<String> {
        Some(self.group.clone())
    }
}

impl Report for leave::Report {
    fn text(&self, screen: &mut Screen) {
        let agent = &self.agent;
        let Some(group) = &self.group else {
            screen.line(&format!("{agent} is in no group."));
            return;
        };
        let verb = if self.already { "is not in" } else { "left" };
        let lead = match &self.coordinator {
            Some(coordinator) => format!("{coordinator} coordinates"),
            None => "nobody is in it".to_owned(),
        };
        screen.line(&format!("{agent} {verb} {group}: {lead}."));
    }

    fn quiet(&self) -> Option<String> {
        Some(self.group.clone().unwrap_or_default())
    }
}

impl Report for share::Report {
    fn text(&self, screen: &mut Screen) {
        let group = &self.group;
        for one in &self.shared {
            let (key, version) = (&one.key, one.item.version);
            screen.line(&format!("{key} is shared with {group}, version {version}."));
        }
        for key in &self.deleted {
            screen.line(&format!("{key} is not shared with {group} any more."));
        }
    }

    fn quiet(&self) -> Option<String> {
        let versions = self.shared.iter().map(|one| one.item.version.to_string());
        Some(versions.collect::<Vec<_>>().join("\n"))
    }
}

/// A shared value as a person and a script want it: a text as it is, anything else as JSON.
fn plain(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

impl Report for context::Report {
    fn text(&self, screen: &mut Screen) {
        let whole = match self {
            context::Report::One(one) => {
                screen.text_line(&plain(&one.item.value));
                return;
            }
            context::Report::Whole(whole) => whole,
        };
        if whole.context.is_empty() {
            screen.line(&format!("{} shares nothing yet.", whole.group));
            screen.next("ghp group share KEY=VALUE");
            return;
        }
        let rows: Vec<_> = whole
            .context
            .iter()
            .map(|(key, item)| {
                let from = item.from.as_deref().map(|from| format!("from {from}"));
                vec![
                    (Style::Strong, key.clone()),
                    (Style::Plain, plain(&item.value)),
                    (Style::Dim, item.version.to_string()),
                    (Style::Dim, item.by.clone().unwrap_or_default()),
                    (Style::Dim, from.unwrap_or_default()),
                ]
            })
            .collect();
        screen.table(&["KEY", "VALUE", "VERSION", "BY", ""], &rows);
    }

    fn quiet(&self) -> Option<String> {
        Some(match self {
            context::Report::One(one) => plain(&one.item.value),
            context::Report::Whole(whole) => {
                let keys: Vec<&str> = whole.context.keys().map(String::as_str).collect();
                keys.join("\n")
            }
        })
    }

    fn is_one_of_many(&self) -> bool {
        match self {
            context::Report::One(one) => one.one_of_many,
            context::Report::Whole(whole) => whole.one_of_many,
        }
    }
}

impl Report for peers::Report {
    fn text(&self, screen: &mut Screen) {
        if self.peers.is_empty() {
            screen.line(&match &self.agent {
                Some(agent) => format!("{agent} is alone in {}.", self.group),
                None => format!("Nobody is in {}.", self.group),
            });
            return;
        }
        members(&self.peers, screen);
    }

    fn quiet(&self) -> Option<String> {
        let names: Vec<&str> = self.peers.iter().map(|row| row.agent.as_str()).collect();
        Some(names.join("\n"))
    }
}

fn members(rows: &[Row], screen: &mut Screen) {
    let rows: Vec<_> = rows.iter().map(member).collect();
    screen.table(
        &["AGENT", "STATUS", "ISSUE", "LAST ACTION", "SEEN", ""],
        &rows,
    );
}

fn member(row: &Row) -> Vec<(Style, String)> {
    let (style, alive) = match row.liveness {
        Liveness::Fresh => (Style::Plain, ""),
        Liveness::Quiet => (Style::Dim, "quiet"),
        Liveness::Stale => (Style::Bad, "STALE"),
        Liveness::Expired => (Style::Bad, "EXPIRED"),
        Liveness::ClockSuspect => (Style::Warn, "clock?"),
        Liveness::Never => (Style::Warn, "never"),
    };
    let mut notes = Vec::new();
    if row.coordinator {
        notes.push("coordinator".to_owned());
    }
    notes.extend(row.group.as_ref().map(|group| format!("in {group}")));
    if !alive.is_empty() {
        notes.push(alive.to_owned());
    }
    let issue = row.issue.map(|issue| format!("#{issue}"));
    vec![
        (Style::Strong, row.agent.clone()),
        (Style::Plain, row.status.clone().unwrap_or_default()),
        (Style::Plain, issue.unwrap_or_default()),
        (Style::Plain, row.last_action.clone().unwrap_or_default()),
        (style, row.age_seconds.map(span).unwrap_or_default()),
        (style, notes.join("  ")),
    ]
}

impl Report for list::Report {
    fn text(&self, screen: &mut Screen) {
        if self.groups.is_empty() {
            screen.line("No groups here yet.");
            screen.next("ghp -t worker-1 group join NAME");
            return;
        }
        let row = |group: &View| {
            let parent = group.parent.as_deref().map(|up| format!("part of {up}"));
            vec![
                (Style::Strong, group.group.clone()),
                (Style::Plain, group.state.clone()),
                (Style::Plain, group.coordinator.clone().unwrap_or_default()),
                (Style::Plain, counts(&group.counts)),
                (Style::Plain, group.tasks_completed.to_string()),
                (Style::Dim, parent.unwrap_or_default()),
            ]
        };
        let rows: Vec<_> = self.groups.iter().map(row).collect();
        screen.table(
            &["GROUP", "STATE", "COORDINATOR", "MEMBERS", "TASKS", ""],
            &rows,
        );
    }

    fn quiet(&self) -> Option<String> {
        let names: Vec<&str> = self
            .groups
            .iter()
            .map(|group| group.group.as_str())
            .collect();
        Some(names.join("\n"))
    }
}

fn counts(counts: &Counts) -> String {
    let mut words = vec![counts.members.to_string()];
    for (count, word) in [(counts.stale, "stale"), (counts.blocked, "blocked")] {
        if count > 0 {
            words.push(format!("{count} {word}"));
        }
    }
    words.join(", ")
}

/// A name and a value beside it, when there is one.
fn pair(name: &str, value: Option<String>) -> Option<Vec<(Style, String)>> {
    let value = value.filter(|value| !value.is_empty())?;
    Some(vec![(Style::Dim, name.to_owned()), (Style::Plain, value)])
}

impl Report for show::Report {
    fn text(&self, screen: &mut Screen) {
        let view = &self.view;
        screen.styled(Style::Strong, &view.group);
        screen.put("\n");
        let keys: Vec<&str> = self.context.keys().map(String::as_str).collect();
        let rows: Vec<_> = [
            pair("state", Some(view.state.clone())),
            pair("coordinator", view.coordinator.clone()),
            pair("objective", view.objective.clone()),
            pair("part of", view.parent.clone()),
            pair("parts", Some(view.subgroups.join(", "))),
            pair("goal", view.goal.clone()),
            pair(
                "members",
                Some(format!(
                    "{}, {} live",
                    counts(&view.counts),
                    view.counts.live
                )),
            ),
            pair("tasks done", Some(view.tasks_completed.to_string())),
            pair("shares", Some(keys.join(", "))),
        ]
        .into_iter()
        .flatten()
        .collect();
        screen.table(&[], &rows);
        if !view.members.is_empty() {
            screen.put("\n");
            members(&view.members, screen);
        }
    }

    fn quiet(&self) -> Option<String> {
        Some(self.view.group.clone())
    }
}

impl Report for log::Report {
    fn text(&self, screen: &mut Screen) {
        let rows: Vec<_> = self.events.iter().map(super::history::row).collect();
        screen.table(&[], &rows);
    }

    fn quiet(&self) -> Option<String> {
        let ids: Vec<&str> = self.events.iter().map(|event| event.id.as_str()).collect();
        Some(ids.join("\n"))
    }
}

impl Report for edit::Report {
    fn text(&self, screen: &mut Screen) {
        let aims: Vec<&str> = [&self.objective, &self.goal]
            .into_iter()
            .flatten()
            .map(String::as_str)
            .collect();
        let group = &self.group;
        if aims.is_empty() {
            screen.line(&format!("{group} is to achieve nothing in particular."));
        } else {
            screen.line(&format!("{group} is to achieve: {}", aims.join(", goal ")));
        }
    }

    fn quiet(&self) -> Option<String> {
        Some(self.group.clone())
    }
}

impl Report for report::Report {
    fn text(&self, screen: &mut Screen) {
        screen.styled(Style::Strong, &self.headline());
        screen.put("\n");
        for line in self.lines() {
            screen.line(&line);
        }
        if let Some(memory) = &self.memory {
            screen.line(&format!("kept as memory {}", tail(memory)));
        }
    }

    fn quiet(&self) -> Option<String> {
        Some(self.memory.clone().unwrap_or_default())
    }
}

impl Report for disband::Report {
    fn text(&self, screen: &mut Screen) {
        screen.line(&format!("{} is disbanded.", self.group));
    }
}

impl Report for show_agent::Report {
    fn text(&self, screen: &mut Screen) {
        let row = &self.row;
        screen.styled(Style::Strong, &row.agent);
        screen.put("\n");
        let seen = row.age_seconds.map(|age| {
            let age = span(age);
            format!("{age} ago ({})", row.liveness.word())
        });
        let role = if self.is_coordinator {
            format!("{}, coordinates its group", row.role.word())
        } else {
            row.role.word().to_owned()
        };
        let peers = match self.peers.as_slice() {
            [] => None,
            peers => Some(peers.join(", ")),
        };
        let live = self.counts.as_ref().map(|all| {
            let members = if all.members == 1 {
                "member"
            } else {
                "members"
            };
            format!(
                "{} {members}: {} live, {} stale, {} blocked",
                all.members, all.live, all.stale, all.blocked
            )
        });
        let saved = self
            .context_saved
            .map(|saved| if saved { "saved" } else { "not saved" }.to_owned());
        let rows: Vec<_> = [
            pair("role", Some(role)),
            pair("type", self.kind.clone()),
            pair("objective", self.objective.clone()),
            pair("status", Some(row.status.clone())),
            pair("issue", row.issue.map(|issue| format!("#{issue}"))),
            pair("last action", row.last_action.clone()),
            pair("seen", seen),
            pair("branch", row.branch.clone()),
            pair("worktree", row.worktree.clone()),
            pair(
                "group",
                Some(row.group.clone().unwrap_or("none".to_owned())),
            ),
            pair("coordinator", self.coordinator.clone()),
            pair("peers", peers),
            pair("in all", live),
            pair("goal", self.goal.clone()),
            pair("tasks done", Some(self.tasks_completed.to_string())),
            pair("interactions", Some(self.interactions.to_string())),
            pair("context", saved),
        ]
        .into_iter()
        .flatten()
        .collect();
        screen.table(&[], &rows);
    }

    fn quiet(&self) -> Option<String> {
        Some(self.row.agent.clone())
    }
}
