//! How memories are spelled for a mem0 server and read back: its two shapes, the server one runs oneself and the hosted
//! platform. Pure; `host::http` sends.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::domain::id::is_document_id;
use crate::domain::memory::Memory;
use crate::domain::time::Timestamp;

/// How many memories are asked for at once.
pub const PAGE: usize = 100;

/// Which API a server speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// The server one runs oneself: `/memories`, `X-API-Key`.
    OwnServer,
    /// The platform: `/v3/memories/`, `Authorization: Token`.
    Platform,
}

/// What is asked of a server.
#[derive(Debug, Clone, PartialEq)]
pub enum Ask {
    /// With GET.
    Get(String),
    /// With POST, and its body.
    Post(String, Value),
    /// With DELETE.
    Delete(String),
}

/// A memory that a server holds.
#[derive(Debug, Clone, PartialEq)]
pub struct Held {
    /// The memory. Its id is ours where it came from us, else the server's.
    pub memory: Memory,
    /// The server's own id.
    pub key: String,
    /// How well it fits what was searched for.
    pub score: Option<f64>,
}

impl Held {
    /// Whether ghp wrote it.
    pub fn is_ours(&self) -> bool {
        is_document_id(&self.memory.id)
    }
}

impl Shape {
    /// The header that carries the key.
    pub fn header(self, key: &str) -> (&'static str, String) {
        match self {
            Shape::OwnServer => ("X-API-Key", key.to_owned()),
            Shape::Platform => ("Authorization", format!("Token {key}")),
        }
    }

    /// Keeps a memory, word for word: the server is not to rewrite it.
    pub fn add(self, user: &str, memory: &Memory) -> Ask {
        let path = match self {
            Shape::OwnServer => "/memories",
            Shape::Platform => "/v3/memories/add/",
        };
        let words = format!("{}\n\n{}", memory.title, memory.body);
        let mut metadata = json!({"ghpId": memory.id, "from": memory.from, "tags": memory.tags, "scope": memory.scope});
        for (key, value) in [
            ("issue", memory.issue.map(Value::from)),
            (
                "createdAt",
                memory.created_at.map(|at| at.to_string().into()),
            ),
            ("requestId", memory.request_id.clone().map(Value::from)),
        ] {
            if let Some(value) = value {
                metadata[key] = value;
            }
        }
        let body = json!({
            "messages": [{"role": "user", "content": words.trim_end()}],
            "user_id": user,
            "metadata": metadata,
            "infer": false,
        });
        Ask::Post(path.to_owned(), body)
    }

    /// Searches.
    pub fn search(self, user: &str, query: &str) -> Ask {
        let (path, filters) = match self {
            Shape::OwnServer => ("/search", json!({"user_id": user})),
            Shape::Platform => ("/v3/memories/search/", json!({"AND": [{"user_id": user}]})),
        };
        let body = json!({"query": query, "filters": filters, "top_k": PAGE});
        Ask::Post(path.to_owned(), body)
    }

    /// Lists a page, counted from 1. A server of one's own has one page only.
    pub fn list(self, user: &str, page: usize) -> Ask {
        match self {
            Shape::OwnServer => Ask::Get(format!(
                "/memories?user_id={}&top_k={}",
                encoded(user),
                PAGE * 100
            )),
            Shape::Platform => Ask::Post(
                format!("/v3/memories/?page={page}&page_size={PAGE}"),
                json!({"filters": {"AND": [{"user_id": user}]}}),
            ),
        }
    }

    /// Removes one. `key`: the server's id of it.
    pub fn delete(self, key: &str) -> Ask {
        Ask::Delete(match self {
            Shape::OwnServer => format!("/memories/{}", encoded(key)),
            Shape::Platform => format!("/v1/memories/{}/", encoded(key)),
        })
    }
}

/// A server's answer to a search or a list.
#[derive(Deserialize)]
struct Answer {
    results: Vec<Entry>,
    next: Option<String>,
}

#[derive(Deserialize)]
struct Entry {
    id: String,
    memory: String,
    metadata: Option<Value>,
    score: Option<f64>,
    created_at: Option<String>,
}

/// Reads a server's answer to a search or a list; `true`: more pages follow.
pub fn read(text: &str) -> Result<(Vec<Held>, bool), serde_json::Error> {
    let answer: Answer = serde_json::from_str(text)?;
    let is_id =
        |id: &str| (1..=128).contains(&id.len()) && id.bytes().all(|c| c.is_ascii_graphic());
    if !answer.results.iter().all(|entry| is_id(&entry.id)) {
        return Err(serde::de::Error::custom("an id that is none"));
    }
    let held = answer.results.into_iter().map(held).collect();
    Ok((held, answer.next.is_some()))
}

/// What is ours in the metadata is taken where it has the right form; anybody may have written it.
fn held(entry: Entry) -> Held {
    let metadata = entry.metadata.unwrap_or_default();
    let text = |key: &str| metadata[key].as_str().map(str::to_owned);
    let texts = |key: &str| -> Vec<String> {
        let items = metadata[key].as_array().into_iter().flatten();
        items.filter_map(Value::as_str).map(str::to_owned).collect()
    };
    let (title, body) = entry.memory.split_once('\n').unwrap_or((&entry.memory, ""));
    let body = body.trim_matches('\n');
    let at = text("createdAt").or(entry.created_at);
    let ours = text("ghpId").filter(|id| is_document_id(id));
    Held {
        memory: Memory {
            id: ours.unwrap_or_else(|| entry.id.clone()),
            title: title.trim().to_owned(),
            tags: texts("tags"),
            issue: metadata["issue"].as_u64(),
            from: text("from").unwrap_or_default(),
            created_at: at.and_then(|at| Timestamp::parse(&at)),
            scope: texts("scope"),
            request_id: text("requestId"),
            body: if body.is_empty() {
                String::new()
            } else {
                format!("{body}\n")
            },
        },
        key: entry.id,
        score: entry.score,
    }
}

/// A word as a part of an address.
fn encoded(word: &str) -> String {
    let mut encoded = String::with_capacity(word.len());
    for byte in word.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    fn memory() -> Memory {
        Memory {
            id: "2026-01-25-flush-redis-q7mt".into(),
            title: "Flush redis".into(),
            tags: vec!["redis".into()],
            issue: Some(147),
            from: "worker-1".into(),
            created_at: Some(Timestamp::from_seconds(0)),
            scope: vec!["src/**".into()],
            request_id: None,
            body: "They share one.\n".into(),
        }
    }

    #[test]
    fn what_is_sent_comes_back() {
        for shape in [Shape::OwnServer, Shape::Platform] {
            let Ask::Post(_, body) = shape.add("repo:app", &memory()) else {
                panic!("{shape:?}");
            };
            assert_eq!(
                (&body["infer"], &body["user_id"]),
                (&json!(false), &json!("repo:app"))
            );
            let answer = json!({"results": [{"id": "u-1", "memory": body["messages"][0]["content"], "metadata": body["metadata"]}]});
            let (held, more) = read(&answer.to_string()).expect("an answer");
            assert!(!more && held[0].is_ours());
            assert_eq!((&held[0].memory, held[0].key.as_str()), (&memory(), "u-1"));
        }
    }

    #[test]
    fn both_shapes_ask_in_their_own_way() {
        assert_eq!(
            Shape::OwnServer.list("repo:a b", 1),
            Ask::Get("/memories?user_id=repo%3Aa%20b&top_k=10000".into())
        );
        assert_eq!(
            Shape::Platform.list("u", 2),
            Ask::Post(
                "/v3/memories/?page=2&page_size=100".into(),
                json!({"filters": {"AND": [{"user_id": "u"}]}})
            )
        );
        assert_eq!(
            Shape::Platform.delete("../x?y"),
            Ask::Delete("/v1/memories/..%2Fx%3Fy/".into())
        );
        assert_eq!(
            Shape::OwnServer.delete("u-1"),
            Ask::Delete("/memories/u-1".into())
        );
        assert_eq!(Shape::OwnServer.header("k"), ("X-API-Key", "k".into()));
        assert_eq!(
            Shape::Platform.header("k"),
            ("Authorization", "Token k".into())
        );
    }

    #[test]
    fn others_memories_are_read_as_far_as_they_go() {
        let text = json!({"results": [
            {"id": "u-2", "memory": "Likes tea", "metadata": null, "created_at": "2026-01-25T10:30:00.123-08:00"},
            {"id": "u-3", "memory": "x", "metadata": {"ghpId": "../../etc", "tags": 3, "issue": "x"}, "score": 0.5},
        ], "next": "http://x/?page=2"});
        let (held, more) = read(&text.to_string()).expect("an answer");
        assert!(more && !held[0].is_ours() && !held[1].is_ours());
        assert_eq!(
            (held[0].memory.id.as_str(), held[1].score),
            ("u-2", Some(0.5))
        );
        let odd = text.to_string().replace("u-2", "ключ");
        for wrong in ["<html>", "{}", &odd, &text.to_string().replace("u-2", "")] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
