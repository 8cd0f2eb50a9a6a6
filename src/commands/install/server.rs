//! `ghp mcp` as a server in a harness's settings of JSON, merged into what is there.

use std::path::Path;

use serde_json::Value;

use super::Refusal;
use crate::documents::json::{Json, Node};

/// What our server is called.
pub(super) const NAME: &str = "ghp";

/// Where a harness keeps its servers.
pub(super) struct Servers {
    /// The member of the file's object that holds them by name.
    pub list: &'static str,
    /// What belongs there under our name.
    pub entry: fn() -> Value,
    /// Whether the harness allows comments in its file.
    pub comments: bool,
}

impl Servers {
    /// The file's text with our server. One that runs ours already is a person's, who may have said more to it: it stays.
    pub(super) fn put(&self, text: Option<&str>) -> Result<String, Refusal> {
        let Some(text) = text else {
            let root = serde_json::json!({ self.list: { NAME: (self.entry)() } });
            let text = serde_json::to_string_pretty(&root);
            return Ok(text.unwrap_or_else(|_| unreachable!("a value is JSON")) + "\n");
        };
        let mut json = self.read(text)?;
        let root = json.root();
        let Some(servers) = root.member(self.list) else {
            json.push(
                &root,
                0,
                Some(self.list),
                &serde_json::json!({ NAME: (self.entry)() }),
            );
            return Ok(json.into_text());
        };
        match servers.member(NAME) {
            Some(server) if is_ours(server) => {}
            Some(_) => return Err(Refusal::Taken),
            None => json.push(servers, 1, Some(NAME), &(self.entry)()),
        }
        Ok(json.into_text())
    }

    /// The file's text without our server; `None` when nothing else is in it and we made it.
    pub(super) fn take(&self, text: &str) -> Result<Option<String>, Refusal> {
        let mut json = self.read(text)?;
        let root = json.root();
        let servers = root.member(self.list);
        let is_there = |servers: &&Node| servers.member(NAME).is_some_and(is_ours);
        let Some(servers) = servers.filter(is_there) else {
            return Ok(Some(text.to_owned()));
        };
        // Empty brackets that we made go, too.
        if json.pull_member(servers, NAME) {
            let root = json.root();
            if json.pull_member(&root, self.list) {
                return Ok(None);
            }
        }
        Ok(Some(json.into_text()))
    }

    fn read(&self, text: &str) -> Result<Json, Refusal> {
        let json = Json::new(text, self.comments)?;
        let root = json.root();
        let wrong = |what: String| Err(Refusal::Malformed(what));
        if !root.is_object() {
            return wrong("it holds no object".to_owned());
        }
        if root.member(self.list).is_some_and(|list| !list.is_object()) {
            return wrong(format!("\"{}\" is no object", self.list));
        }
        Ok(json)
    }
}

/// Whether a server is `ghp mcp`, with whatever options.
fn is_ours(server: &Node) -> bool {
    let mut words = Vec::new();
    for name in ["command", "args"] {
        let Some(node) = server.member(name) else {
            continue;
        };
        words.extend(node.text());
        words.extend(node.items().iter().filter_map(Node::text));
    }
    runs_ours(&words)
}

/// Whether these words run `ghp mcp`, with whatever options.
pub(super) fn runs_ours(words: &[&str]) -> bool {
    let Some((program, rest)) = words.split_first() else {
        return false;
    };
    let name = Path::new(program).file_stem();
    name.is_some_and(|name| name == NAME) && rest.contains(&"mcp")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const SERVERS: Servers = Servers {
        list: "mcpServers",
        entry: || json!({"command": "ghp", "args": ["mcp"]}),
        comments: true,
    };

    fn put(text: &str) -> Result<String, Refusal> {
        SERVERS.put(Some(text))
    }

    #[test]
    fn what_comes_goes_and_the_rest_stays() {
        for before in [
            "{}",
            "{\n}\n",
            "{\"mcpServers\":{}}",
            "{\n\t// mine\n\t\"a\": 1.50\n}",
            "{\"mcpServers\": {\"other\": {\"command\": \"x\"}}, \"b\": [1,2]}\r\n",
        ] {
            let with = put(before).ok().expect("an object");
            assert!(with.contains("\"ghp\""), "{with}");
            assert_eq!(put(&with).ok().as_deref(), Some(with.as_str()));
            let without = SERVERS.take(&with).ok().expect("an object");
            assert_eq!(without.as_deref(), Some(before));
        }
        let new = SERVERS.put(None).ok().expect("a file");
        assert!(matches!(SERVERS.take(&new), Ok(None)));
    }

    #[test]
    fn a_persons_own_words_to_it_stay_and_another_server_is_not_touched() {
        let own =
            r#"{"mcpServers":{"ghp":{"command":"/opt/ghp","args":["-C","/x","mcp","--all"]}}}"#;
        assert_eq!(put(own).ok().as_deref(), Some(own));
        assert!(matches!(SERVERS.take(own), Ok(Some(text)) if text == r#"{"mcpServers":{}}"#));
        let other = r#"{"mcpServers":{"ghp":{"command":"npx","args":["ghp","mcp"]}}}"#;
        assert!(matches!(put(other), Err(Refusal::Taken)));
        assert!(matches!(SERVERS.take(other), Ok(Some(text)) if text == other));
        for bad in ["", "[]", "{\"mcpServers\":[]}", "{"] {
            assert!(matches!(put(bad), Err(Refusal::Malformed(_))), "{bad}");
        }
    }
}
