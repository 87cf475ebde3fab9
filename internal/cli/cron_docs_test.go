package cli

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// alertRules are the rules of the manual.
func alertRules(t *testing.T) string {
	t.Helper()
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "cron.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, ok := strings.Cut(string(page), "```yaml\ngroups:")
	rules, _, ok2 := strings.Cut(rest, "```")
	if !ok || !ok2 {
		t.Fatal("docs/cron.md has no alert rules")
	}
	return "groups:" + rules
}

// aDeadJob is a job that ran and succeeded at time 0, was due again after a day, and never came.
const aDeadJob = `
rule_files: [rules.yaml]
evaluation_interval: 10m
tests:
  - interval: 10m
    input_series:
      - {series: 'slpdoctor_next_run_timestamp_seconds{instance="runner"}', values: '86400x600'}
      - {series: 'slpdoctor_last_success_timestamp_seconds{instance="runner"}', values: '0x600'}
      - {series: 'slpdoctor_last_run_timestamp_seconds{instance="runner"}', values: '0x600'}
      - {series: 'slpdoctor_devices{state="examined",instance="runner"}', values: '40x600'}
      - {series: 'slpdoctor_devices{state="unreachable",instance="runner"}', values: '2x600'}
      - {series: 'slpdoctor_devices{state="host-key",instance="runner"}', values: '1x600'}
      - {series: 'slpdoctor_deadline_left_seconds{device="r1"}', values: '1209600x600'}
      - {series: 'slpdoctor_deadline_left_seconds{device="r2"}', values: '1123200x600'}
    alert_rule_test:
      - {eval_time: 25h, alertname: SlpdoctorDidNotRun, exp_alerts: []}
      - eval_time: 27h
        alertname: SlpdoctorDidNotRun
        exp_alerts:
          - exp_labels: {severity: warning, instance: runner}
            exp_annotations: {summary: slpdoctor on runner should have run two hours ago}
      - {eval_time: 47h, alertname: SlpdoctorExaminesNothing, exp_alerts: []}
      - eval_time: 49h
        alertname: SlpdoctorExaminesNothing
        exp_alerts:
          - exp_labels: {severity: warning, instance: runner}
            exp_annotations: {summary: slpdoctor on runner has examined no device for two days}
      - {eval_time: 47h, alertname: SlpdoctorSeesLess, exp_alerts: []}
      - eval_time: 49h
        alertname: SlpdoctorSeesLess
        exp_alerts:
          - exp_labels: {severity: warning, instance: runner}
            exp_annotations: {summary: slpdoctor on runner has not examined 3 devices for two days}
      - {eval_time: 50h, alertname: SlpdoctorMetricsAreGone, exp_alerts: []}
      - eval_time: 1h
        alertname: LicenseAcknowledgementDue
        exp_alerts:
          - exp_labels: {severity: warning, device: r2}
            exp_annotations: {summary: r2 must have an acknowledgement within two weeks}
  - interval: 10m
    input_series: [{series: other, values: '0x100'}]
    alert_rule_test:
      - eval_time: 2h
        alertname: SlpdoctorMetricsAreGone
        exp_alerts:
          - exp_labels: {severity: warning}
            exp_annotations: {summary: no slpdoctor writes metrics any more}
`

// TestAlertRulesPeer has Prometheus's own tool read the rules of the manual, and play the job that is dead.
func TestAlertRulesPeer(t *testing.T) {
	promtool := peer(t, "promtool", "Debian: prometheus")
	dir := t.TempDir()
	for name, text := range map[string]string{"rules.yaml": alertRules(t), "dead.yaml": aDeadJob} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, args := range [][]string{{"check", "rules", "--lint-fatal", "rules.yaml"}, {"test", "rules", "dead.yaml"}} {
		c := exec.Command(promtool, args...)
		c.Dir = dir
		if out, err := c.CombinedOutput(); err != nil {
			t.Errorf("promtool %v: %v\n%s", args, err, out)
		}
	}
}
