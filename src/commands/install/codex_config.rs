//! `ghp mcp` in Codex's `config.toml`: a table of our own at its end, as `codex mcp add` writes it.

use toml::de::{DeTable, DeValue};

use super::Refusal;
use super::server::{NAME, runs_ours};

const LIST: &str = "mcp_servers";
const TABLE: &str = "[mcp_servers.ghp]\ncommand = \"ghp\"\nargs = [\"mcp\"]\n";

/// The file's text with our server. One that runs ours already is a person's, who may have said more to it: it stays.
pub(super) fn put(text: Option<&str>) -> Result<String, Refusal> {
    let text = text.unwrap_or_default();
    match server(&parse(text)?) {
        Some(true) => return Ok(text.to_owned()),
        Some(false) => return Err(Refusal::Taken),
        None => {}
    }
    let gap = match text {
        "" => "",
        text if text.ends_with('\n') => "\n",
        _ => "\n\n",
    };
    let with = format!("{text}{gap}{TABLE}");
    // Servers may stand there in a form that takes no table behind it.
    parse(&with)?;
    Ok(with)
}

/// The file's text without our server; `None` when nothing else is in it.
pub(super) fn take(text: &str) -> Result<Option<String>, Refusal> {
    let before = parse(text)?;
    if server(&before) != Some(true) {
        return Ok(Some(text.to_owned()));
    }
    let Some(without) = cut(text) else {
        return Err(by_hand());
    };
    // Nothing but ours may have gone.
    let mut left = leaves(&before);
    left.retain(|leaf| !leaf.starts_with(&format!("{LIST}.{NAME}.")));
    if leaves(&parse(&without)?) != left {
        return Err(by_hand());
    }
    Ok(Some(without).filter(|text| !text.is_empty()))
}

fn by_hand() -> Refusal {
    Refusal::Malformed(format!(
        "{LIST}.{NAME} is not written as a table of its own: take it out by hand"
    ))
}

fn parse(text: &str) -> Result<DeTable<'_>, Refusal> {
    DeTable::parse(text)
        .map(toml::Spanned::into_inner)
        .map_err(|error| {
            let line = error
                .span()
                .map_or(1, |span| text[..span.start].lines().count().max(1));
            Refusal::Malformed(format!("line {line}: {}", error.message()))
        })
}

/// Whether the server of our name is ours; `None`: there is none.
fn server(table: &DeTable<'_>) -> Option<bool> {
    let servers = table.get(LIST)?.get_ref().as_table()?;
    let server = servers.get(NAME)?.get_ref().as_table();
    let Some(server) = server else {
        return Some(false);
    };
    let words = |name: &str| {
        let value = server.get(name).map(toml::Spanned::get_ref);
        let one = value.and_then(DeValue::as_str).map(|word| vec![word]);
        let several = value.and_then(DeValue::as_array);
        let several = several.map(|list| {
            let words = list.iter().filter_map(|word| word.get_ref().as_str());
            words.collect::<Vec<_>>()
        });
        one.or(several).unwrap_or_default()
    };
    Some(runs_ours(&[words("command"), words("args")].concat()))
}

/// The text without the lines from our table's heading to the next, and without the empty line before them.
fn cut(text: &str) -> Option<String> {
    let heading = format!("{LIST}.{NAME}");
    let mut kept: Vec<&str> = Vec::new();
    let (mut is_ours, mut was_there) = (false, false);
    for line in text.split_inclusive('\n') {
        let word = line.trim();
        if word.starts_with('[') {
            let inner = word.trim_matches(['[', ']']);
            let rest = inner.strip_prefix(&heading);
            is_ours = rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
            if is_ours && !was_there {
                was_there = true;
                kept.pop_if(|line| line.trim().is_empty());
            }
        }
        if !is_ours || word.starts_with('#') {
            kept.push(line);
        }
    }
    was_there.then(|| kept.concat())
}

/// Every value with its path, in order.
fn leaves(table: &DeTable<'_>) -> Vec<String> {
    let mut all = Vec::new();
    for (key, value) in table {
        let key = key.get_ref();
        match value.get_ref() {
            DeValue::Table(inner) => {
                all.extend(
                    leaves(inner)
                        .into_iter()
                        .map(|leaf| format!("{key}.{leaf}")),
                );
            }
            value => all.push(format!("{key}={value:?}")),
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_goes_and_the_rest_stays() {
        for before in [
            "model = \"o3\"\n",
            "# mine\nmodel = \"o3\" # yes\n\n[mcp_servers.other]\ncommand = \"x\"\n",
            "[mcp_servers]\n\n[profiles.a]\nx = [1,\n2]\n",
        ] {
            let with = put(Some(before)).ok().expect("TOML");
            assert!(with.starts_with(before) && with.ends_with(TABLE), "{with}");
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
            Some("a = 1\n# mine\n[b]\nc = 2\n")
        );
    }

    #[test]
    fn what_is_anothers_or_unclear_is_left() {
        let other = "[mcp_servers.ghp]\ncommand = \"npx\"\n";
        assert!(matches!(put(Some(other)), Err(Refusal::Taken)));
        assert!(matches!(take(other), Ok(Some(text)) if text == other));
        let inline = "mcp_servers = { ghp = { command = \"ghp\", args = [\"mcp\"] } }\n";
        assert_eq!(put(Some(inline)).ok().as_deref(), Some(inline));
        assert!(matches!(take(inline), Err(Refusal::Malformed(_))));
        let closed = "mcp_servers = { a = { command = \"x\" } }\n";
        assert!(matches!(put(Some(closed)), Err(Refusal::Malformed(_))));
        assert!(matches!(put(Some("a = ")), Err(Refusal::Malformed(_))));
        let text = format!("a = '''\n[mcp_servers.ghp]\n'''\n\n{TABLE}");
        assert!(!matches!(take(&text), Ok(Some(left)) if !left.contains("'''\n[mcp")));
    }
}
