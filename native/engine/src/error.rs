//! Every way the engine refuses an input.

/// What was found, what was expected, and where.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum EngineError {
    /// A graph can't be compiled or evaluated.
    #[error("node {node} ({op}): {reason}")]
    Node {
        /// Index in the graph's `nodes`.
        node: usize,
        /// The node's operation.
        op: String,
        /// What was found and expected.
        reason: String,
    },
    /// The graph as a whole is malformed.
    #[error("strategy graph: {0}")]
    Graph(String),
    /// A risk or execution setting is malformed.
    #[error("{0}")]
    Config(String),
    /// Bars are malformed.
    #[error("bars: {0}")]
    Bars(String),
    /// The caller's watch said to stop.
    #[error("the backtest was cancelled after {0} bars")]
    Stopped(usize),
}

/// The engine's result.
pub type Result<T> = std::result::Result<T, EngineError>;
