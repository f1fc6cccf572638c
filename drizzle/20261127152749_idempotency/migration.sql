CREATE TABLE "bifrons"."idempotency" (
	"id" bytea PRIMARY KEY,
	"fingerprint" bytea NOT NULL,
	"status" integer NOT NULL,
	"headers" jsonb NOT NULL,
	"body" text,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE INDEX "idempotency_created_at_index" ON "bifrons"."idempotency" ("created_at");