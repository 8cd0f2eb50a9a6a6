//! Ctrl-G: the editor of Claude Code's own settings, a person's in `.claude/settings.local.json`. The other harnesses read
//! the environment alone.

use serde_json::json;

use super::{Needs, Part, Refusal, Site, Target};
use crate::documents::json::{Json, Node};
use crate::error::Result;

pub(super) const TARGET: Target = Target {
    name: "editor",
    gives: "Ctrl-G in Claude Code: a prompt that begins with @planning is delegated",
    note: Some(
        "Claude Code reads it when a session starts. Your own editor goes into GHP_EDITOR; for other programs: export VISUAL=\"ghp editor\" in ~/.profile.",
    ),
    needs: Needs::Files(files),
    servers: None,
};

/// Where it is written.
pub(crate) const FILE: &str = ".claude/settings.local.json";
const ENV: &str = "env";
const NAME: &str = "VISUAL";
const OURS: &str = "ghp editor";

fn files(site: &Site) -> Result<Vec<Part>> {
    Ok(vec![Part {
        root: site.worktree()?.to_owned(),
        path: FILE,
        mode: 0o644,
        put,
        take,
    }])
}

/// Whether these settings name us.
pub(crate) fn is_in(text: &str) -> bool {
    read(text).is_ok_and(|json| is_ours(&json.root()))
}

fn is_ours(root: &Node) -> bool {
    let editor = root.member(ENV).and_then(|env| env.member(NAME));
    editor
        .and_then(Node::text)
        .is_some_and(|text| text.trim() == OURS)
}

fn read(text: &str) -> Result<Json, Refusal> {
    let json = Json::new(text, false)?;
    let wrong = |what: &str| Refusal::Malformed(what.to_owned());
    let root = json.root();
    if !root.is_object() {
        return Err(wrong("it holds no object"));
    }
    if root.member(ENV).is_some_and(|env| !env.is_object()) {
        return Err(wrong("\"env\" is no object"));
    }
    Ok(json)
}

fn put(text: Option<&str>) -> Result<String, Refusal> {
    let Some(text) = text else {
        let whole = serde_json::to_string_pretty(&json!({ ENV: { NAME: OURS } }));
        return Ok(whole.unwrap_or_else(|_| unreachable!("a value is JSON")) + "\n");
    };
    let mut json = read(text)?;
    let root = json.root();
    match root.member(ENV) {
        _ if is_ours(&root) => return Ok(text.to_owned()),
        // A person chose that one.
        Some(env) if env.member(NAME).is_some() => return Err(Refusal::Foreign),
        Some(env) => json.push(env, 1, Some(NAME), &json!(OURS)),
        None => json.push(&root, 0, Some(ENV), &json!({ NAME: OURS })),
    }
    Ok(json.into_text())
}

fn take(text: &str) -> Result<Option<String>, Refusal> {
    let mut json = read(text)?;
    let root = json.root();
    let Some(env) = root.member(ENV).filter(|_| is_ours(&root)) else {
        return Ok(Some(text.to_owned()));
    };
    // Empty brackets that we made go, too.
    let is_empty = json.pull_member(env, NAME);
    let root = json.root();
    if is_empty && json.pull_member(&root, ENV) {
        return Ok(None);
    }
    Ok(Some(json.into_text()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(result: Result<String, Refusal>) -> String {
        result.unwrap_or_else(|_| panic!("refused"))
    }

    #[test]
    fn what_else_is_there_stays() {
        let new = text(put(None));
        assert!(is_in(&new), "{new}");
        assert_eq!(take(&new).unwrap_or(Some("?".into())), None);
        for before in [
            "{\n  \"env\": {\n    \"A\": \"b\"\n  },\n  \"model\": \"x\"\n}\n",
            "{\"permissions\": {\"allow\": [\"Bash\"]}}",
        ] {
            let with = text(put(Some(before)));
            assert!(is_in(&with), "{with}");
            assert_eq!(text(put(Some(&with))), with);
            let without = take(&with).unwrap_or(None).unwrap_or_default();
            let value = |text: &str| serde_json::from_str::<serde_json::Value>(text).expect("JSON");
            assert_eq!(value(&without), value(before));
        }
    }

    #[test]
    fn anothers_editor_and_what_is_no_settings_file_are_left() {
        let own = "{\"env\": {\"VISUAL\": \"nano\"}}";
        assert!(matches!(put(Some(own)), Err(Refusal::Foreign)));
        assert!(take(own).is_ok_and(|left| left.as_deref() == Some(own)));
        for bad in ["[]", "{\"env\": 1}", "{"] {
            assert!(
                matches!(put(Some(bad)), Err(Refusal::Malformed(_))),
                "{bad}"
            );
        }
    }
}
