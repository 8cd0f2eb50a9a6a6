//! Providers that the configuration adds: `coordination.providers`.

use serde_json::Value;

use super::{Asked, Provider, named};

/// A provider of the configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Own {
    /// The program and its words.
    pub command: Vec<String>,
    /// How it takes its first prompt.
    prompt: Takes,
    /// How it takes a persona.
    persona: Takes,
    /// The built-in provider whose hooks and screen it has.
    pub like: Option<String>,
}

/// How a text reaches a program.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Takes {
    /// Not at all: a persona then goes before the prompt, a prompt is pasted.
    Not,
    /// As the last word.
    Last,
    /// As the word behind this option.
    Behind(String),
}

impl Own {
    /// Reads one: `{"command": [...], "prompt": "argument" | "none" | "--flag", "persona": "--flag", "like": "claude"}`; what
    /// is wrong with it otherwise, in words.
    pub fn parse(value: &Value) -> Result<Own, String> {
        let fields = value.as_object().ok_or("it must be an object")?;
        let text = |name: &str| match fields.get(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.as_str())),
            Some(_) => Err(format!("\"{name}\" must be a text")),
        };
        let known = ["command", "prompt", "persona", "like"];
        if let Some(other) = fields.keys().find(|name| !known.contains(&name.as_str())) {
            return Err(format!("\"{other}\" is none of {}", known.join(", ")));
        }
        let words = fields.get("command").and_then(Value::as_array);
        let words = words.map(|words| words.iter().map(|word| word.as_str().map(str::to_owned)));
        let command: Option<Vec<String>> = words.and_then(Iterator::collect);
        let command = command.filter(|words| words.first().is_some_and(|word| !word.is_empty()));
        let like = text("like")?.map(str::to_owned);
        if let Some(like) = &like
            && named(like).is_none()
        {
            return Err(format!("\"like\": there is no provider {like}"));
        }
        Ok(Own {
            command: command.ok_or("\"command\" must be a list: a program and its words")?,
            prompt: takes(text("prompt")?, Takes::Last)?,
            persona: takes(text("persona")?, Takes::Not)?,
            like,
        })
    }

    /// Whether a first prompt can be one of its words.
    pub fn takes_prompt(&self) -> bool {
        self.prompt != Takes::Not
    }

    /// The row whose hooks and screen it has.
    pub fn row(&self) -> &'static Provider {
        let like = self.like.as_deref().and_then(named);
        like.unwrap_or(&super::command::PROVIDER)
    }

    /// The words behind the program.
    pub fn words(&self, asked: &Asked<'_>) -> Vec<String> {
        let mut words = self.command[1..].to_vec();
        let mut asked = *asked;
        if let Takes::Behind(option) = &self.persona
            && let Some(persona) = asked.persona.take()
        {
            words.extend([option.clone(), persona.to_owned()]);
        }
        match (&self.prompt, asked.together()) {
            (Takes::Last, Some(text)) => words.push(text),
            (Takes::Behind(option), Some(text)) => words.extend([option.clone(), text]),
            _ => {}
        }
        words
    }
}

fn takes(said: Option<&str>, default: Takes) -> Result<Takes, String> {
    match said {
        None => Ok(default),
        Some("none") => Ok(Takes::Not),
        Some("argument") => Ok(Takes::Last),
        Some(option) if option.starts_with('-') => Ok(Takes::Behind(option.to_owned())),
        Some(other) => Err(format!(
            "\"{other}\" is neither \"argument\", \"none\" nor an option such as \"--prompt\""
        )),
    }
}
