//! One HTTP request at a time. Redirects are not followed: what goes with a request is for the host it was meant for.

use std::time::Duration;

use ureq::http::{Request, Response};
use ureq::{Agent, Body};

/// The longest a request may take, all in all.
const PATIENCE: Duration = Duration::from_secs(20);
/// The longest wait for a connection.
const CONNECT: Duration = Duration::from_secs(5);
/// The longest answer, in bytes.
const LONGEST: u64 = 16 << 20;

/// How a request is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Reads.
    Get,
    /// Sends.
    Post,
    /// Removes.
    Delete,
}

impl Method {
    fn word(self) -> &'static str {
        match self {
            Method::Get => "GET",
            Method::Post => "POST",
            Method::Delete => "DELETE",
        }
    }
}

/// What a server said, whatever its status.
#[derive(Debug)]
pub struct Answer {
    /// The status, such as 200.
    pub status: u16,
    /// The text.
    pub text: String,
}

/// Makes a request. `header`: its name and value; `json`: the body. The error says why there is no answer, without the
/// header's value in it.
pub fn send(
    method: Method,
    url: &str,
    header: Option<(&str, &str)>,
    json: Option<&str>,
) -> Result<Answer, String> {
    let config = Agent::config_builder()
        .timeout_global(Some(PATIENCE))
        .timeout_connect(Some(CONNECT))
        .max_redirects(0)
        .max_redirects_will_error(false)
        .http_status_as_error(false)
        .proxy(None)
        .user_agent(concat!("ghp/", env!("CARGO_PKG_VERSION")))
        .build();
    let agent = Agent::new_with_config(config);
    let mut request = Request::builder().method(method.word()).uri(url);
    if let Some((name, value)) = header {
        request = request.header(name, value);
    }
    let answer = match json {
        Some(json) => {
            let request = request.header("content-type", "application/json");
            let request = request.body(json.to_owned()).map_err(|_| malformed())?;
            agent.run(request)
        }
        None => agent.run(request.body(()).map_err(|_| malformed())?),
    };
    read(answer.map_err(|error| error.to_string())?)
}

/// What an address or a key with odd characters in it becomes; the library's words might quote them.
fn malformed() -> String {
    "the address or the key holds characters that no request can carry".to_owned()
}

fn read(mut answer: Response<Body>) -> Result<Answer, String> {
    let status = answer.status().as_u16();
    let text = answer
        .body_mut()
        .with_config()
        .limit(LONGEST)
        .read_to_string()
        .map_err(|error| error.to_string())?;
    Ok(Answer { status, text })
}
