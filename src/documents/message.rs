//! Messages from outside: a mail (RFC 5322) in plain text, or a webhook's JSON body.

use serde::Deserialize;

/// What somebody outside asks for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Message {
    /// The sender's address, or another name that the receiver has proven.
    pub from: String,
    /// Whom it is for.
    #[serde(default)]
    pub to: Option<String>,
    /// One line.
    #[serde(default, alias = "subject")]
    pub title: String,
    /// What is to be done.
    #[serde(alias = "prompt", alias = "body")]
    pub text: String,
    /// What makes this message itself when it comes twice.
    #[serde(default, alias = "requestId")]
    pub id: Option<String>,
}

/// Why a message cannot be read.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// It is no JSON of this form.
    #[error("{0}")]
    Json(String),
    /// A mail without an end of its head.
    #[error("no empty line stands between the mail's head and its text")]
    NoHead,
    /// It does not say whose it is, or says it more than once.
    #[error("it has no From, or more than one")]
    NoSender,
    /// Its text is not plain.
    #[error("its text is not plain UTF-8 text (Content-Type {0})")]
    NotPlain(String),
}

/// Reads either.
pub fn read(text: &str) -> Result<Message, Unreadable> {
    let text = text.trim_start_matches('\u{feff}');
    let message = if text.trim_start().starts_with('{') {
        let read: Message =
            serde_json::from_str(text).map_err(|error| Unreadable::Json(error.to_string()))?;
        Message {
            from: address(&read.from),
            ..read
        }
    } else {
        mail(text)?
    };
    if message.from.is_empty() {
        return Err(Unreadable::NoSender);
    }
    Ok(with_addressee(message))
}

/// The mail that carries an answer (RFC 5322, with headers in UTF-8 by RFC 6532). `id`: of the message that is answered. It
/// says that no person wrote it, so that no other machine answers it (RFC 3834).
pub fn reply(to: &str, title: &str, id: Option<&str>, text: &str) -> String {
    let mut head = vec![format!("To: {to}"), format!("Subject: Re: {title}")];
    for field in ["In-Reply-To", "References"] {
        head.extend(id.map(|id| format!("{field}: {id}")));
    }
    head.extend(
        [
            "Auto-Submitted: auto-replied",
            "MIME-Version: 1.0",
            "Content-Type: text/plain; charset=utf-8",
            "Content-Transfer-Encoding: 8bit",
        ]
        .map(str::to_owned),
    );
    // Documents are written by hand too: a line break would begin another header.
    let head = head
        .iter()
        .map(|line| line.replace(char::is_control, " "))
        .collect::<Vec<_>>()
        .join("\n");
    format!("{head}\n\n{}\n", text.trim_end())
}

/// `@planning Plan it` in a title says whom it is for.
fn with_addressee(message: Message) -> Message {
    let title = message.title.trim();
    let named = title
        .strip_prefix('@')
        .map(|rest| rest.split_once(char::is_whitespace).unwrap_or((rest, "")))
        .filter(|(name, _)| !name.is_empty());
    match named {
        Some((name, rest)) => Message {
            to: Some(name.to_owned()),
            title: rest.trim().to_owned(),
            ..message
        },
        None => Message {
            title: title.to_owned(),
            ..message
        },
    }
}

fn mail(text: &str) -> Result<Message, Unreadable> {
    let text = text.replace("\r\n", "\n");
    let (head, body) = text.split_once("\n\n").ok_or(Unreadable::NoHead)?;
    // A line that begins with white space goes on with the one before.
    let head = head.replace("\n ", " ").replace("\n\t", " ");
    let fields = |name: &str| -> Vec<String> {
        head.lines()
            .filter_map(|line| line.split_once(':'))
            .filter(|(field, _)| field.trim().eq_ignore_ascii_case(name))
            .map(|(_, value)| value.trim().to_owned())
            .collect()
    };
    let [from] = &fields("From")[..] else {
        return Err(Unreadable::NoSender);
    };
    let first = |name: &str| fields(name).into_iter().next();
    let kind = first("Content-Type").unwrap_or_else(|| "text/plain".to_owned());
    let coding = first("Content-Transfer-Encoding").unwrap_or_else(|| "8bit".to_owned());
    let is_plain = kind.to_lowercase().starts_with("text/plain")
        && ["7bit", "8bit", "binary"].contains(&coding.to_lowercase().as_str());
    if !is_plain {
        return Err(Unreadable::NotPlain(format!("{kind}, {coding}")));
    }
    Ok(Message {
        from: address(from),
        to: None,
        title: first("Subject").unwrap_or_default(),
        text: body.trim().to_owned(),
        id: first("Message-ID"),
    })
}

/// `Ana <ana@example.com>` is `ana@example.com`. More than one pair of brackets is nobody.
fn address(from: &str) -> String {
    let address = match from.rsplit_once('<') {
        Some((name, rest)) => match rest.split_once('>') {
            Some((address, after)) if after.trim().is_empty() && !name.contains('<') => address,
            _ => "",
        },
        None => from,
    };
    let address = address.trim();
    let is_one = !address.contains(|c: char| c.is_whitespace() || ",;<>\"".contains(c));
    if is_one {
        address.to_owned()
    } else {
        String::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_one_mail_to_one_person() {
        let mail = reply(
            "ana@example.com\nBcc: eve@example.com",
            "Did it?\r\n\r\nBcc: eve",
            None,
            "Yes.\n\n",
        );
        let (head, body) = mail.split_once("\n\n").expect("a mail");
        let names: Vec<_> = head
            .lines()
            .filter_map(|line| line.split(':').next())
            .collect();
        let own = [
            "Auto-Submitted",
            "MIME-Version",
            "Content-Type",
            "Content-Transfer-Encoding",
        ];
        assert_eq!(names, [&["To", "Subject"][..], &own].concat());
        assert_eq!(body, "Yes.\n");
    }

    #[test]
    fn a_mail() {
        let mail = "Received: from x\r\n by y\r\nFrom: Ana <ana@example.com>\r\nSubject: @testing Did it\r\n deploy?\r\nMessage-ID: <1@example.com>\r\n\r\nCheck the\r\ndeployment.\r\n";
        let read = read(mail).expect("a mail");
        assert_eq!(
            read,
            Message {
                from: "ana@example.com".into(),
                to: Some("testing".into()),
                title: "Did it deploy?".into(),
                text: "Check the\ndeployment.".into(),
                id: Some("<1@example.com>".into()),
            }
        );
    }

    #[test]
    fn a_webhook() {
        let body =
            r#"{"from": "ci@example.com", "subject": "Build", "text": "It failed.", "more": 1}"#;
        let read = read(body).expect("a body");
        assert_eq!(
            (read.from.as_str(), read.title.as_str()),
            ("ci@example.com", "Build")
        );
        assert_eq!((read.to, read.id), (None, None));
    }

    #[test]
    fn a_sender_is_one_and_plain() {
        for bad in [
            "Subject: x\n\ntext",
            "From: a@b\nFrom: c@d\n\ntext",
            "From: a@b, c@d\n\ntext",
            "From: \"a@b\" <x@y> <a@b>\n\ntext",
            "From: a@b <x@y\n\ntext",
            "From: a@b",
            "{\"text\": \"x\"}",
            "{\"from\": \"\", \"text\": \"x\"}",
            "[]",
            "",
        ] {
            assert!(read(bad).is_err(), "{bad}");
        }
        // The name beside the address is nothing that anybody has proven.
        let read = read("From: \"ana@example.com\" <eve@example.com>\n\ntext").expect("a mail");
        assert_eq!(read.from, "eve@example.com");
    }

    #[test]
    fn only_plain_text() {
        for head in [
            "Content-Type: text/html",
            "Content-Type: multipart/mixed; boundary=x",
            "Content-Transfer-Encoding: base64",
        ] {
            let mail = format!("From: a@b\n{head}\n\ntext");
            assert!(
                matches!(read(&mail), Err(Unreadable::NotPlain(_))),
                "{head}"
            );
        }
    }
}
