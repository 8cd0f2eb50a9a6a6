//! What a task has of its own in JSON.

use serde::Serialize;

use crate::domain::task::Task;
use crate::domain::time::Timestamp;

/// A task's own fields.
#[derive(Debug, Clone, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TaskFields {
    /// The agent that is to do it, or does it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent: Option<String>,
    /// What is to be done.
    pub prompt: String,
    /// How often it was begun.
    pub attempts: u64,
    /// The higher goes first.
    pub priority: u64,
    /// Why it went where it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub route: Option<String>,
    /// Files that belong to the answer.
    pub attachments: Vec<String>,
    /// What happened to it, and when.
    pub receipts: Receipts,
}

/// When a task came how far.
#[derive(Debug, Clone, Serialize, schemars::JsonSchema)]
pub struct Receipts {
    /// It waited for its agent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub queued: Option<Timestamp>,
    /// Its agent was handed the prompt.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delivered: Option<Timestamp>,
    /// That was acknowledged.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub working: Option<Timestamp>,
    /// It was settled.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub done: Option<Timestamp>,
    /// Its sender read the answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub collected: Option<Timestamp>,
}

impl TaskFields {
    pub(super) fn of(task: &Task) -> TaskFields {
        TaskFields {
            agent: task.agent.clone(),
            prompt: task.prompt.clone(),
            attempts: task.attempts,
            priority: task.priority,
            route: task.route.clone(),
            attachments: task.attachments.clone(),
            receipts: Receipts {
                queued: task.queued_at.or(task.core.created_at),
                delivered: task.delivered_at,
                working: task.working_at,
                done: task.core.decided_at,
                collected: task.collected_at,
            },
        }
    }
}
