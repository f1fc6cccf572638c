CREATE TABLE "bifrons"."api_keys" (
	"id" text PRIMARY KEY,
	"name" text NOT NULL,
	"hash" bytea NOT NULL,
	"roles" text[] NOT NULL,
	"claims" jsonb NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp with time zone,
	"revoked_at" timestamp with time zone,
	"last_used_at" timestamp with time zone
);
