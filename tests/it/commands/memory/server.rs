//! A mem0 server on loopback, as strict as the real ones: the server one runs oneself (no prefix, no slash at the end,
//! `X-API-Key`), and the hosted platform (`/v3/`, slashes, `Authorization: Token`, pages, additions that are pending).

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

/// The key that it takes.
pub(super) const KEY: &str = "m0-a-key-of-the-tests";

/// What it holds and what it was asked.
#[derive(Default)]
struct State {
    held: Vec<Value>,
    made: usize,
    asked: Vec<String>,
    /// What it says to everything, when it is out of order.
    broken: Option<(u16, String)>,
}

/// A running server; it ends with the test.
pub(super) struct Server {
    pub(super) url: String,
    state: Arc<Mutex<State>>,
}

impl Server {
    /// Starts one.
    pub(super) fn start(hosted: bool) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let state = Arc::new(Mutex::new(State::default()));
        let shared = Arc::clone(&state);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let stream = stream.expect("a connection");
                serve(stream, hosted, &mut shared.lock().expect("nobody panicked"));
            }
        });
        Server { url, state }
    }

    /// From now on it says this to everything.
    pub(super) fn breaks(&self, status: u16, text: &str) {
        self.state.lock().expect("nobody panicked").broken = Some((status, text.to_owned()));
    }

    /// Another program keeps something there.
    pub(super) fn holds(&self, user: &str, words: &str, metadata: &Value) {
        let mut state = self.state.lock().expect("nobody panicked");
        keep(&mut state, user, words, metadata);
    }

    /// Two machines have copied everything there at once.
    pub(super) fn doubles(&self) {
        let mut state = self.state.lock().expect("nobody panicked");
        for held in state.held.clone() {
            let user = held["user_id"].as_str().expect("a user");
            let words = held["memory"].as_str().expect("words");
            keep(&mut state, user, words, &held["metadata"]);
        }
    }

    /// What it was asked, a line each.
    pub(super) fn asked(&self) -> Vec<String> {
        self.state.lock().expect("nobody panicked").asked.clone()
    }

    /// The words it holds.
    pub(super) fn words(&self) -> Vec<String> {
        let state = self.state.lock().expect("nobody panicked");
        let words = |held: &Value| held["memory"].as_str().expect("words").to_owned();
        state.held.iter().map(words).collect()
    }
}

fn serve(stream: TcpStream, hosted: bool, state: &mut State) {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).expect("a request");
    let mut words = line.split_whitespace();
    let (Some(method), Some(path)) = (words.next(), words.next()) else {
        return;
    };
    let (method, path) = (method.to_owned(), path.to_owned());
    let (mut length, mut authorised) = (0, false);
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).expect("a header");
        let Some((name, value)) = header.trim_end().split_once(": ") else {
            break;
        };
        let expected = if hosted {
            ("authorization", format!("Token {KEY}"))
        } else {
            ("x-api-key", KEY.to_owned())
        };
        match name.to_lowercase().as_str() {
            "content-length" => length = value.parse().expect("a number"),
            name => authorised |= name == expected.0 && value == expected.1,
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).expect("a body");
    let body: Value = serde_json::from_slice(&body).unwrap_or_default();
    state.asked.push(format!("{method} {path}"));
    let (status, answer) = match &state.broken {
        Some((status, text)) => (*status, text.clone()),
        None if !authorised => (401, json!({"detail": "Unauthorized"}).to_string()),
        None => {
            let (status, answer) = if hosted {
                platform(state, &method, &path, &body)
            } else {
                own_server(state, &method, &path, &body)
            };
            (status, answer.to_string())
        }
    };
    let length = answer.len();
    let head = format!(
        "HTTP/1.1 {status} X\r\ncontent-type: application/json\r\ncontent-length: {length}\r\nlocation: /elsewhere\r\nconnection: close\r\n\r\n"
    );
    let stream = reader.get_mut();
    stream.write_all(head.as_bytes()).expect("heard");
    stream.write_all(answer.as_bytes()).expect("heard");
}

fn own_server(state: &mut State, method: &str, path: &str, body: &Value) -> (u16, Value) {
    let user = body["filters"]["user_id"].as_str();
    match (method, path.split_once('?').unwrap_or((path, ""))) {
        ("POST", ("/memories", "")) => {
            let Some(id) = add(state, body) else {
                return (
                    400,
                    json!({"detail": "At least one identifier is required."}),
                );
            };
            (
                200,
                json!({"results": [{"id": id, "memory": "…", "event": "ADD"}]}),
            )
        }
        ("POST", ("/search", "")) => (200, found(state, user, body)),
        ("GET", ("/memories", query)) => {
            let user = query
                .split('&')
                .find_map(|part| part.strip_prefix("user_id="));
            let user = user.map(|user| user.replace("%3A", ":"));
            (200, json!({"results": of(state, user.as_deref())}))
        }
        ("DELETE", (path, "")) => remove(state, path.strip_prefix("/memories/")),
        _ => (404, json!({"detail": "Not Found"})),
    }
}

fn platform(state: &mut State, method: &str, path: &str, body: &Value) -> (u16, Value) {
    let user = body["filters"]["AND"][0]["user_id"].as_str();
    match (method, path.split_once('?').unwrap_or((path, ""))) {
        ("POST", ("/v3/memories/add/", "")) => match add(state, body) {
            Some(_) => (
                200,
                json!({"message": "…", "status": "PENDING", "event_id": "e-1"}),
            ),
            None => (400, json!({"error": "user_id"})),
        },
        ("POST", ("/v3/memories/search/", "")) => (200, found(state, user, body)),
        ("POST", ("/v3/memories/", query)) => {
            // Pages of two, whatever is asked for.
            let page = query
                .strip_prefix("page=")
                .and_then(|rest| rest.split('&').next());
            let page: usize = page.and_then(|page| page.parse().ok()).expect("a page");
            let all = of(state, user);
            let rest = all.len().saturating_sub(page * 2);
            let next = (rest > 0).then(|| format!("https://api/?page={}", page + 1));
            let results: Vec<&Value> = all.iter().skip((page - 1) * 2).take(2).collect();
            (
                200,
                json!({"count": all.len(), "next": next, "previous": null, "results": results}),
            )
        }
        ("DELETE", (path, "")) => {
            let id = path.strip_prefix("/v1/memories/");
            remove(state, id.and_then(|id| id.strip_suffix('/')))
        }
        _ => (404, json!({"detail": "Not Found"})),
    }
}

fn add(state: &mut State, body: &Value) -> Option<String> {
    assert_eq!(body["infer"], false, "words are kept as they are");
    assert_eq!(body["messages"][0]["role"], "user");
    let words = body["messages"][0]["content"].as_str().expect("words");
    Some(keep(
        state,
        body["user_id"].as_str()?,
        words,
        &body["metadata"],
    ))
}

fn keep(state: &mut State, user: &str, words: &str, metadata: &Value) -> String {
    state.made += 1;
    let id = format!("00000000-0000-4000-8000-{:012}", state.made);
    state.held.push(
        json!({"id": id, "memory": words, "user_id": user, "metadata": metadata,
        "hash": "x", "created_at": "2026-01-25T10:30:00Z", "updated_at": null}),
    );
    id
}

fn of(state: &State, user: Option<&str>) -> Vec<Value> {
    let user = user.expect("lists and searches name a user");
    let all = state.held.iter().filter(|held| held["user_id"] == user);
    all.cloned().collect()
}

/// Those that have the first word of the query, each a little less like it than the one before.
fn found(state: &State, user: Option<&str>, body: &Value) -> Value {
    let query = body["query"].as_str().expect("a query");
    let first = query.split(' ').next().unwrap_or_default().to_lowercase();
    let mut found = of(state, user);
    found.retain(|held| {
        held["memory"]
            .as_str()
            .expect("words")
            .to_lowercase()
            .contains(&first)
    });
    for (place, held) in found.iter_mut().enumerate() {
        held["score"] = json!(0.9 - f64::from(u32::try_from(place).expect("few")) / 10.0);
    }
    json!({"results": found})
}

fn remove(state: &mut State, id: Option<&str>) -> (u16, Value) {
    let before = state.held.len();
    state
        .held
        .retain(|held| Some(held["id"].as_str().expect("an id")) != id);
    if state.held.len() < before {
        (200, json!({"message": "Memory deleted successfully!"}))
    } else {
        (404, json!({"detail": "Memory not found"}))
    }
}
