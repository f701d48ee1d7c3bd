-- name: head
SELECT seq, chain_hash FROM chain ORDER BY seq DESC LIMIT 1;

-- name: at
SELECT chain_hash FROM chain WHERE seq = :seq;

-- name: size
SELECT count(*) AS links, coalesce(max(seq) + 1, 0) AS length FROM chain;

-- name: all
SELECT * FROM chain ORDER BY seq;

-- name: append
INSERT INTO chain (seq, kind, subject, body, body_hash, chain_prev, chain_hash, created_at)
VALUES (:seq, :kind, :subject, :body, :body_hash, :chain_prev, :chain_hash, :created_at);

-- name: unclaimed
SELECT value FROM meta WHERE key = 'unclaimed';

-- name: claimed
DELETE FROM meta WHERE key = 'unclaimed';
