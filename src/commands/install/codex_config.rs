//! `ghp mcp` in Codex's `config.toml`: a table of our own at its end, as `codex mcp add` writes it.

use toml_edit::{Array, DocumentMut, Item, Table, value};

use super::Refusal;
use super::server::{NAME, runs_ours};

const LIST: &str = "mcp_servers";

/// The file's text with our server. One that runs ours already is a person's, who may have said more to it: it stays.
pub(super) fn put(text: Option<&str>) -> Result<String, Refusal> {
    let text = text.unwrap_or_default();
    let mut document = parse(text)?;
    match is_ours(&document) {
        Some(true) => return Ok(text.to_owned()),
        Some(false) => return Err(Refusal::Taken),
        None => {}
    }
    let list = document.entry(LIST).or_insert_with(|| {
        let mut list = Table::new();
        list.set_implicit(true);
        Item::Table(list)
    });
    let Item::Table(list) = list else {
        return Err(Refusal::Malformed(format!(
            "{LIST} is written in a form that takes no table: enter ghp by hand"
        )));
    };
    let mut server = Table::new();
    server.insert("command", value(NAME));
    server.insert("args", value(Array::from_iter(["mcp"])));
    list.insert(NAME, Item::Table(server));
    Ok(document.to_string())
}

/// The file's text without our server; `None` when nothing else is in it.
pub(super) fn take(text: &str) -> Result<Option<String>, Refusal> {
    let mut document = parse(text)?;
    if is_ours(&document) != Some(true) {
        return Ok(Some(text.to_owned()));
    }
    if let Some(list) = document.get_mut(LIST).and_then(Item::as_table_like_mut) {
        list.remove(NAME);
        if list.is_empty() && document[LIST].as_table().is_some_and(Table::is_implicit) {
            document.remove(LIST);
        }
    }
    Ok(Some(document.to_string()).filter(|text| !text.is_empty()))
}

fn parse(text: &str) -> Result<DocumentMut, Refusal> {
    text.parse().map_err(|error: toml_edit::TomlError| {
        let before = error.span().and_then(|span| text.get(..span.start));
        let line = before.map_or(1, |before| before.lines().count().max(1));
        Refusal::Malformed(format!("line {line}: {}", error.message()))
    })
}

/// Whether the server of our name is ours; `None`: there is none.
fn is_ours(document: &DocumentMut) -> Option<bool> {
    let server = document.get(LIST)?.as_table_like()?.get(NAME)?;
    let Some(server) = server.as_table_like() else {
        return Some(false);
    };
    let mut words: Vec<&str> = server
        .get("command")
        .and_then(Item::as_str)
        .into_iter()
        .collect();
    let rest = server.get("args").and_then(Item::as_array);
    words.extend(rest.into_iter().flatten().filter_map(|word| word.as_str()));
    Some(runs_ours(&words))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = "[mcp_servers.ghp]\ncommand = \"ghp\"\nargs = [\"mcp\"]\n";

    #[test]
    fn what_comes_goes_and_the_rest_stays() {
        for before in [
            "model = \"o3\"\n",
            "# mine\nmodel = \"o3\" # yes\n\n[mcp_servers.other]\ncommand = \"x\"\n",
            "[mcp_servers]\n\n[profiles.a]\nx = [1,\n2]\n",
        ] {
            let with = put(Some(before)).ok().expect("TOML");
            assert!(with.contains(TABLE), "{with}");
            assert_eq!(put(Some(&with)).ok().as_deref(), Some(with.as_str()));
            assert_eq!(take(&with).ok().flatten().as_deref(), Some(before));
        }
        assert!(matches!(take(TABLE), Ok(None)));
        assert_eq!(put(None).ok().as_deref(), Some(TABLE));
        let between = format!(
            "a = 1\n\n{TABLE}startup_timeout_sec = 20\n\n[mcp_servers.ghp.env]\nX = \"1\"\n\n# mine\n[b]\nc = 2\n"
        );
        assert_eq!(
            take(&between).ok().flatten().as_deref(),
            Some("a = 1\n\n# mine\n[b]\nc = 2\n")
        );
        let inline = "mcp_servers = { ghp = { command = \"ghp\", args = [\"mcp\"] } } # mine\n";
        assert_eq!(put(Some(inline)).ok().as_deref(), Some(inline));
        assert_eq!(
            take(inline).ok().flatten().as_deref(),
            Some("mcp_servers = {} # mine\n")
        );
    }

    #[test]
    fn what_is_anothers_or_unclear_is_left() {
        let other = "[mcp_servers.ghp]\ncommand = \"npx\"\n";
        assert!(matches!(put(Some(other)), Err(Refusal::Taken)));
        assert!(matches!(take(other), Ok(Some(text)) if text == other));
        let closed = "mcp_servers = { a = { command = \"x\" } }\n";
        assert!(matches!(put(Some(closed)), Err(Refusal::Malformed(_))));
        assert!(matches!(put(Some("a = ")), Err(Refusal::Malformed(_))));
        let text = format!("a = '''\n[mcp_servers.ghp]\n'''\n\n{TABLE}");
        assert_eq!(
            take(&text).ok().flatten().as_deref(),
            Some("a = '''\n[mcp_servers.ghp]\n'''\n")
        );
    }
}
