CREATE TABLE "bifrons"."audit" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "bifrons"."audit_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"at" timestamp with time zone DEFAULT now() NOT NULL,
	"via" text NOT NULL,
	"issuer" text,
	"subject" text,
	"verb" text NOT NULL,
	"resource" text,
	"key" jsonb,
	"changed" text[] NOT NULL,
	"face" text,
	"request_id" text,
	"operation" text NOT NULL
);
--> statement-breakpoint
CREATE INDEX "audit_at_index" ON "bifrons"."audit" USING brin ("at");