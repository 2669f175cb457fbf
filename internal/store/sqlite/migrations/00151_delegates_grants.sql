-- What people who act for a participant let in is listed for the participant.
-- +goose Up
CREATE INDEX oauth_grant_delegates ON oauth_grant (patient) WHERE role = 'delegate' AND revoked_at = 0;
