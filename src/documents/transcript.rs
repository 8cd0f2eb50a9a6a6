//! Transcripts of harnesses: JSON, a message a line. Only what was said is read; tools' calls and answers are passed over.

use serde_json::Value;

use crate::domain::escape;

/// The last messages that fit into `most` bytes, the oldest first. Lines that are no message are passed over, and so is a
/// first line that was cut.
pub fn last_words(text: &str, most: usize) -> String {
    let mut taken = Vec::new();
    let mut left = most;
    for line in text.lines().rev() {
        let Ok(line) = serde_json::from_str::<Value>(line) else {
            continue;
        };
        let Some((who, said)) = message(&line) else {
            continue;
        };
        let said = escape::terminal_lines(said.trim()).into_owned();
        if said.is_empty() {
            continue;
        }
        let entry = format!("{who}:\n{said}");
        if entry.len() > left {
            // The newest is cut rather than left out.
            if taken.is_empty() {
                let end = entry.floor_char_boundary(left);
                taken.push(format!("{}…", &entry[..end]));
            }
            break;
        }
        left -= entry.len();
        taken.push(entry);
    }
    taken.reverse();
    taken.join("\n\n")
}

/// Who said what: Claude Code's `message`, Codex's `payload`.
fn message(line: &Value) -> Option<(&str, String)> {
    let message = line.get("message").or_else(|| line.get("payload"))?;
    let who = message.get("role")?.as_str()?;
    if !matches!(who, "user" | "assistant") {
        return None;
    }
    let said = match message.get("content")? {
        Value::String(text) => text.clone(),
        Value::Array(blocks) => {
            let texts = blocks.iter().filter_map(|block| {
                let kind = block.get("type")?.as_str()?;
                let is_text = matches!(kind, "text" | "input_text" | "output_text");
                block.get("text").filter(|_| is_text)?.as_str()
            });
            texts.collect::<Vec<_>>().join("\n")
        }
        _ => return None,
    };
    Some((who, said))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TALK: &str = concat!(
        "cut\": \"off\"}\n",
        r#"{"type":"user","message":{"role":"user","content":"Plan the dark mode"}}"#,
        "\n",
        r#"{"type":"assistant","message":{"role":"assistant","content":[{"type":"text","text":"I look."},{"type":"tool_use","name":"Read"}]}}"#,
        "\n",
        r#"{"type":"user","message":{"role":"user","content":[{"type":"tool_result","content":"SECRET"}]}}"#,
        "\n",
        r#"{"type":"response_item","payload":{"type":"message","role":"assistant","content":[{"type":"output_text","text":"Done\u001b[2J."}]}}"#,
        "\n{\"summary\": 1}\n[]\n",
    );

    #[test]
    fn what_was_said_last() {
        assert_eq!(
            last_words(TALK, 1000),
            "user:\nPlan the dark mode\n\nassistant:\nI look.\n\nassistant:\nDone\\x1b[2J."
        );
        assert_eq!(last_words(TALK, 30), "assistant:\nDone\\x1b[2J.");
        assert_eq!(last_words(TALK, 8), "assistan…");
        assert_eq!(last_words("", 100), "");
    }
}
