//! Hooks in a settings file of JSON: one entry for an event, with our command, merged into what is there.

use serde_json::{Value, json};

use super::Refusal;
use crate::documents::json::{Json, Malformed, Node};
pub(super) use crate::domain::harness::{Hook, hook};

/// What belongs into a settings file.
pub(super) struct Hooks {
    /// Our command.
    pub command: &'static str,
    /// The events it is run for.
    pub events: &'static [Hook],
    /// How one entry is written.
    pub shape: Shape,
    /// Whether the harness allows comments in its file.
    pub comments: bool,
}

/// How an entry is written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// `{"matcher": …, "hooks": [{"type": "command", "command": …, "timeout": …}]}`
    Grouped,
    /// The same with a name.
    Named,
    /// `{"command": …, "matcher": …, "timeout": …}` in a file with `"version": 1`
    Flat,
}

impl From<Malformed> for Refusal {
    fn from(malformed: Malformed) -> Refusal {
        Refusal::Malformed(malformed.to_string())
    }
}

impl Hooks {
    /// The file's text with all our entries; the present text when they are there already.
    pub(super) fn put(&self, text: Option<&str>) -> Result<String, Refusal> {
        let Some(text) = text else {
            return Ok(self.new_file());
        };
        let json = self.read(text)?;
        if self.is_complete(&json) {
            return Ok(text.to_owned());
        }
        let Some(bare) = self.take(text)? else {
            return Ok(self.new_file());
        };
        let mut json = self.read(&bare)?;
        for hook in self.events {
            self.add(&mut json, hook);
        }
        Ok(json.into_text())
    }

    /// The file's text without our entries; `None` when nothing else is in it and we made it.
    pub(super) fn take(&self, text: &str) -> Result<Option<String>, Refusal> {
        let mut json = self.read(text)?;
        while let Some(all_gone) = self.take_one(&mut json) {
            if all_gone {
                return Ok(None);
            }
        }
        Ok(Some(json.into_text()))
    }

    /// Reads the file; an error where it is not as our entries need it.
    fn read(&self, text: &str) -> Result<Json, Refusal> {
        let json = Json::new(text, self.comments)?;
        let root = json.root();
        let wrong = |what: &str| Err(Refusal::Malformed(what.to_owned()));
        if !root.is_object() {
            return wrong("it holds no object");
        }
        let Some(hooks) = root.member("hooks") else {
            return Ok(json);
        };
        if !hooks.is_object() {
            return wrong("\"hooks\" is no object");
        }
        for hook in self.events {
            if hooks.member(hook.event).is_some_and(|list| !list.is_list()) {
                return wrong(&format!("\"hooks\".\"{}\" is no list", hook.event));
            }
        }
        Ok(json)
    }

    fn new_file(&self) -> String {
        let lists = self.events.iter().map(|hook| {
            let entry = json!([self.entry(hook)]);
            (hook.event.to_owned(), entry)
        });
        let hooks: serde_json::Map<String, Value> = lists.collect();
        let mut root = json!({ "hooks": hooks });
        if self.shape == Shape::Flat {
            // Behind ours: so we know the file for our own when we take ours out.
            root["version"] = json!(1);
        }
        let text = serde_json::to_string_pretty(&root);
        text.unwrap_or_else(|_| unreachable!("a value is JSON")) + "\n"
    }

    fn entry(&self, hook: &Hook) -> Value {
        let mut entry = serde_json::Map::new();
        let mut command = serde_json::Map::new();
        if self.shape == Shape::Named {
            command.insert("name".to_owned(), "ghp".into());
        }
        if self.shape != Shape::Flat {
            command.insert("type".to_owned(), "command".into());
        }
        command.insert("command".to_owned(), self.command.into());
        command.insert("timeout".to_owned(), hook.timeout.into());
        if let Some(matcher) = hook.matcher {
            entry.insert("matcher".to_owned(), matcher.into());
        }
        if self.shape == Shape::Flat {
            entry.extend(command);
        } else {
            entry.insert("hooks".to_owned(), json!([command]));
        }
        Value::Object(entry)
    }

    /// Whether each entry is there once, and none that is not wanted.
    fn is_complete(&self, json: &Json) -> bool {
        let root = json.root();
        let hooks = root.member("hooks").map(Node::members).unwrap_or_default();
        let ours = |list: &Node| -> Vec<Value> {
            let entries = list
                .items()
                .iter()
                .filter(|entry| self.is_partly_ours(entry));
            entries.map(|entry| json.value(entry)).collect()
        };
        let found = hooks.iter().all(|(event, _, list)| {
            let wanted = self.events.iter().find(|hook| hook.event == event);
            let ours = ours(list);
            match wanted {
                Some(hook) => ours == [self.entry(hook)],
                None => ours.is_empty(),
            }
        });
        let is_there = |hook: &Hook| hooks.iter().any(|(event, _, _)| event == hook.event);
        found && self.events.iter().all(is_there)
    }

    fn is_command(&self, node: &Node) -> bool {
        let command = node.member("command").and_then(Node::text);
        command.is_some_and(|command| command.trim() == self.command)
    }

    fn is_partly_ours(&self, entry: &Node) -> bool {
        let inner = entry.member("hooks").map(Node::items).unwrap_or_default();
        self.is_command(entry) || inner.iter().any(|command| self.is_command(command))
    }

    /// Takes one of ours out; `None`: there was none; otherwise whether nothing is left of the file.
    fn take_one(&self, json: &mut Json) -> Option<bool> {
        let root = json.root();
        let hooks = root.member("hooks")?;
        let (event, list, entry) = hooks.members().iter().find_map(|(event, _, list)| {
            let entry = list
                .items()
                .iter()
                .find(|entry| self.is_partly_ours(entry))?;
            Some((event, list, entry))
        })?;
        let inner = entry.member("hooks").filter(|_| !self.is_command(entry));
        let others = inner
            .map(Node::items)
            .unwrap_or_default()
            .iter()
            .any(|command| !self.is_command(command));
        if let Some(inner) = inner.filter(|_| others) {
            let ours = inner
                .items()
                .iter()
                .find(|command| self.is_command(command))?;
            json.pull(inner, &ours.span);
            return Some(false);
        }
        // Empty brackets that we made go, too.
        if !json.pull(list, &entry.span) {
            return Some(false);
        }
        let root = json.root();
        if !json.pull_member(root.member("hooks")?, event) {
            return Some(false);
        }
        let root = json.root();
        let names: Vec<&str> = root
            .members()
            .iter()
            .map(|(key, _, _)| key.as_str())
            .collect();
        if self.shape == Shape::Flat && names == ["hooks", "version"] {
            return Some(true);
        }
        Some(json.pull_member(&root, "hooks"))
    }

    fn add(&self, json: &mut Json, hook: &Hook) {
        let entry = self.entry(hook);
        let root = json.root();
        let Some(hooks) = root.member("hooks") else {
            return json.push(&root, 0, Some("hooks"), &json!({ hook.event: [entry] }));
        };
        match hooks.member(hook.event) {
            Some(list) => json.push(list, 2, None, &entry),
            None => json.push(hooks, 1, Some(hook.event), &json!([entry])),
        }
    }
}

#[cfg(test)]
mod tests;
